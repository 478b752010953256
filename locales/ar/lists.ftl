# Lists of the machine room and of one's own account, shares, cuts, notifications.

admin-groups = المجموعات
groups-lead = أشخاص معًا: يمكن منحهم مساحة أكبر، ومشاركة الفيديوهات معهم جميعًا دفعة واحدة.
groups-none = لا مجموعات بعد. قد تكون صفًا أو جماعة فنية أو فريقًا.
group-new = مجموعة جديدة
group-new-hint = أعطها اسمًا، ثم يأتي أعضاؤها.
group-add = إنشاء المجموعة
group-members = الأعضاء
group-member = اسم شخص هنا
group-member-hint = الاسم الذي يدخل به.
group-join = إضافة
group-joined = صار في المجموعة الآن.
group-leave = إخراج
group-left = لم يعد في المجموعة.
group-empty = لا أحد في هذه المجموعة بعد. أضف أول عضو أعلاه.
group-about = عن المجموعة
group-room-own = لكلٍّ ما لديه
group-room-hint = بالجيجابايت. إن تُرك فارغًا احتفظ كلٌّ بما لديه.
group-taken = توجد مجموعة بهذا الاسم.
group-delete-sure = إزالة المجموعة «{ $name }»؟ يبقى أعضاؤها، ويُغلق دونهم ما شورك معها.
group-deleted = زالت المجموعة.
invitations = الدعوات
invite-lead = رابط يتيح إنشاء حساب حتى والباب مغلق.
invite-none = لا دعوات بعد. أنشئ واحدة وأرسل رابطها.
invite-not-you = لا يدعو الناسَ هنا إلا من يديرون المكان.
invite-new = دعوة شخص
invite-note = ملاحظة
invite-note-hint = لك أنت، كاسم من هي له.
invite-uses = كم شخصًا
invite-days = عدد أيام الصلاحية
empty-no-limit = إن تُرك فارغًا فلا حد.
invite-make = إنشاء دعوة
invite-made = أُنشئت الدعوة، ورابطها في القائمة.
invite-used = استُعملت
invite-of = { $used } من { $most }
invite-until = حتى
invite-over = انتهت
invite-end = سحب
invite-end-sure = سحب هذه الدعوة؟ يبقى من جاؤوا بها.
invite-ended = سُحبت الدعوة.
invite-too-many = لا يمكنك دعوة هذا العدد.
watched-words = كلمات مراقَبة
words-lead = التعليقات على فيديوهاتك التي ترد فيها إحداها توسم باسم قائمتها، ويمكن حجزها للنظر.
words-lead-site = التعليقات والفيديوهات التي ترد فيها إحداها توسم باسم قائمتها، ولا يراها إلا المشرفون.
words-none = لا قوائم بعد.
words-new = قائمة جديدة
words-edit = تعديل القائمة
words-name = اسم القائمة
words-list = الكلمات
words-list-hint = كلمة أو عبارة في كل سطر.
words-url = متابعة قائمة من مكان آخر
words-url-hint = عنوان فيه كلمة في كل سطر، أو JSON فيه name وwords. يُقرأ من جديد كل يوم.
words-twice = هذه القائمة متابَعة بالفعل.
words-delete-sure = إزالة القائمة «{ $name }»؟ يزول وسمها من كل التعليقات.
words-gone-sure = إزالة هذه القائمة؟ يزول وسمها من كل التعليقات.
words-gone = زالت القائمة.
admin-lists = قوائم كتم مشتركة
lists-lead = ما تكتمه مواقع أخرى يمكن كتمه هنا أيضًا. تُقرأ كل قائمة كل ساعة.
lists-lead-own = ما تكتمه مواقع أخرى يمكن كتمه هنا أيضًا. قائمتنا: { $url }
lists-none = لا قائمة متابَعة. اطلب العنوان من موقع تثق به.
lists-url = عنوان قائمة
lists-url-hint = مثل https://site.example/api/v1/server/blocklist/public-log
lists-mutes = تكتم
lists-count = { $accounts } حسابًا، { $servers } خادمًا
lists-read = قُرئت
lists-soon = قريبًا
lists-end = إيقاف المتابعة
lists-end-sure = إيقاف متابعة «{ $name }»؟ يُسمع من جديد ما تكتمه وحدها.
lists-end-ask = إيقاف متابعة هذه القائمة؟ يُسمع من جديد ما تكتمه وحدها.
lists-ended = لم تعد القائمة متابَعة.
lists-followed = القائمة متابَعة، وسيُكتم ما فيها قريبًا.
notes = ملاحظات
notes-about = ملاحظات عن { $name }
notes-lead = لا يقرؤها إلا المشرفون.
notes-none = لا ملاحظات بعد.
notes-new = كتابة ملاحظة
notes-note = ملاحظة
notes-delete-sure = إزالة هذه الملاحظة؟
notes-deleted = زالت الملاحظة.
admin-follows = الاتحاد
follows-lead = أي الخوادم ترى ما يُنشر هنا، وفيديوهات مَن تُدرج هنا.
follows-in = يتابعوننا
follows-out = نتابعهم
follows-peers = خوادم معروفة
follows-in-none = لا خادم يتابع هذا بعد. أخبر الآخرين بعنوانه.
follows-out-none = لا خادم متابَع بعد.
follows-who = خادم أو قناة للمتابعة
follows-who-hint = video.example أو name@video.example
follow-accepted = مقبول
follow-rejected = مرفوض
follow-pending = ينتظر
follow-accept = قبول
follow-reject = رفض
follow-asked = أُرسل الطلب، وسيظهر الجواب في القائمة.
follow-no-https = لا يمكن لهذا الموقع متابعة غيره دون HTTPS.
follow-remove-sure = إبعاد { $name }؟ يمكنه الطلب من جديد.
follow-end = إيقاف المتابعة
follow-end-sure = إيقاف متابعة { $name }؟ لن تُدرج فيديوهاته الجديدة.
peers-none = لا خادم آخر معروف بعد.
peers-heard = آخر خبر
peers-failing = لا يجيب
try-again = إعادة المحاولة
admin-webhooks = خطافات الويب
webhooks-lead = تُستدعى برامج أخرى حين يحدث شيء هنا. كل نداء موقّع بالسر (Standard Webhooks).
webhooks-none = لا برنامج يُستدعى بعد.
webhook-new = خطاف جديد
webhook-url = العنوان
webhook-events = ما يُبلَّغ به
webhook-events-hint = إن لم تختر شيئًا فكل شيء.
webhook-all = كل شيء
webhook-secret = السر
webhook-add = إضافة
webhook-added = أُضيف الخطاف. جرّبه.
webhook-off = متوقف
webhook-never = لم يُستدعَ بعد
webhook-try = تجربة
webhook-tried = يُستدعى الآن. أعد تحميل الصفحة لترى النتيجة.
webhook-stop = إيقاف
webhook-start = تشغيل
webhook-remove-sure = إزالة الخطاف إلى { $url }؟
webhook-remove-ask = إزالة هذا الخطاف؟
webhook-removed = زال الخطاف.
remedy-resume = استئناف المهام
remedy-retry = إعادة المهام الفاشلة
remedy-renew = تجديد الشهادة
remedy-tidy = الترتيب الآن
remedy-backup = النسخ الاحتياطي الآن
remedy-done = العمل جارٍ. انظر بعد لحظة.
remedy-failed = لم ينجح ذلك: { $why }
shares = مشارَك مع
shares-lead = يرون الفيديو مهما كانت خصوصيته، ولا يظهر شيء في القوائم أو البحث.
shares-none = غير مشارَك مع أحد بعد. أنشئ رابطًا للجنة أو قيّم أو صديق.
shares-with = مع
share-label = لماذا
share-label-hint = لك أنت، كاسم اللجنة.
share-limit = عدد مرات الفتح
share-days = عدد أيام الصلاحية
share-person = اسم شخص هنا
share-person-hint = الاسم الذي يدخل به.
share-group = مجموعة
share-new-link = رابط يفتحه
share-make-link = إنشاء رابط
share-with-person = شخص له حساب هنا
share-with-group = مجموعة
shared = تمت المشاركة.
share-end = إنهاء
share-end-sure = إنهاء هذا؟ لن تمكن المشاهدة به بعد ذلك.
share-ended = لم يعد مشارَكًا.
share-twice = لديهم بالفعل.
told-title = الإشعارات
told-read-all = قُرئ الكل
told-all-read = قُرئت كلها.
told-choose = اختيار ما تُبلَّغ به
told-new = جديد
notes-new-only = الجديدة
told-none = لا شيء بعد. حين يتابعك أحد أو يقول شيئًا يظهر هنا.
told-none-new = لا جديد.
cut = قص
cut-lead = احذف أجزاء، وأضف مقدمة أو علامة مائية. تُصنع كل الجودات من جديد.
cut-look = قف حيث تريد القص؛ «إضافة جزء» يأخذ ذلك الوقت.
cut-ends = البداية والنهاية
cut-ends-hint = مدته { $length }. إن تُرك فارغًا بقي كما هو.
cut-start = يبدأ عند
cut-end = ينتهي عند
cut-ranges = أجزاء تُحذف
cut-ranges-hint = أوقات مثل 1:05.
cut-range-add = إضافة جزء
cut-from = من
cut-to = إلى
cut-around = قبل وبعد
cut-around-hint = ملف فيديو لكلٍّ منهما.
cut-intro = المقدمة
cut-outro = الخاتمة
cut-mark = علامة مائية
cut-mark-hint = صورة صغيرة في الزاوية، والأفضل PNG بخلفية شفافة.
cut-sure = أعلم أن الناتج يحل محل الأصل نهائيًا.
cut-sure-first = يرجى تأكيد جواز استبدال الأصل.
cut-do = قص
cut-ordered = يجري القص، وسيعود الفيديو وحده.
cut-nothing = لا شيء يُقص بعد. اكتب وقتًا أو اختر ملفًا.
cut-wrong-time = تعذرت قراءة أحد الأوقات. اكتبه هكذا 1:05.
cut-wrong-range = جزء ينتهي قبل أن يبدأ أو يقع بعد النهاية.
cut-off = القص متوقف هنا.
cut-live = لا يمكن قص البث المباشر.
cut-now = يجري قصه الآن.
cut-no-original = لم يُحتفظ بالأصل فلا يمكن قصه. أحضر الملف من جديد أولًا.
admin-pictures = صور المكان
logo-square = الشعار
logo-square-hint = يقف قبل الاسم، طوله كعرضه.
logo-wide = شعار مع الاسم
logo-wide-hint = يحل محل الشعار والاسم.
logo-icon = الأيقونة
logo-icon-hint = في لسان المتصفح.
logo-share = بجانب الروابط
logo-share-hint = ما تعرضه المواقع الأخرى عند الربط بهذا المكان.
logo-avatar = الصورة في التطبيقات الأخرى
logo-avatar-hint = للتطبيقات والخوادم الأخرى، طولها كعرضها.
logo-banner = اللافتة
setting-own = مظهر خاص
setting-own-hint = الألوان مثل #0b7a75 والزوايا مثل 6px. إن تُركت فارغة فلنا. عليك مراعاة تباين النص.
setting-colour = لون الروابط والتقدم
setting-ground = لون الخلفية
setting-ink = لون النص
setting-head = لون الرأس
setting-corners = زوايا الحقول والأزرار
setting-links = روابط الرأس: في كل سطر كلمة ثم عنوان
setting-alone = الموقع كله هذه القناة وحدها (اسمها، وفارغ: لا)
setting-css = نمط خاص (CSS)
setting-script = نص برمجي خاص (JavaScript)
setting-home = كلمات الصفحة الأولى (Markdown)
told-unread = { $count ->
    [zero] لا إشعارات جديدة
    [one] إشعار جديد واحد
    [two] إشعاران جديدان
    [few] { $count } إشعارات جديدة
    [many] { $count } إشعارًا جديدًا
   *[other] { $count } إشعار جديد
}
words-count = { $count ->
    [zero] لا كلمات
    [one] كلمة واحدة
    [two] كلمتان
    [few] { $count } كلمات
    [many] { $count } كلمة
   *[other] { $count } كلمة
}
peers-waiting = { $count ->
    [zero] لا رسائل تنتظر
    [one] رسالة واحدة تنتظر
    [two] رسالتان تنتظران
    [few] { $count } رسائل تنتظر
    [many] { $count } رسالة تنتظر
   *[other] { $count } رسالة تنتظر
}
