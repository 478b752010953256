# Links to videos that are shared.

shared-title = شاركك أحدهم مقطع فيديو.
shared-text = يُفتح هذا الرابط مرات قليلة فقط. بعد فتحه يمكنك المشاهدة لمدة اثنتي عشرة ساعة.
shared-left = { $count ->
    [zero] لم يعد يُفتح.
    [one] يُفتح مرة واحدة أخرى.
    [two] يُفتح مرتين أخريين.
    [few] يُفتح { $count } مرات أخرى.
    [many] يُفتح { $count } مرة أخرى.
   *[other] يُفتح { $count } مرة أخرى.
}

# Changes of many videos at once.

bulk-more = تغييرات أخرى
bulk-keep = اتركه كما هو
bulk-yes = نعم
bulk-no = لا
bulk-add-tags = أضف وسوما تفصل بينها فواصل
bulk-remove-tags = أزل وسوما تفصل بينها فواصل
bulk-apply = غيّر الفيديوهات المختارة

# Videos that are fetched from elsewhere.

imports = من عنوان
import-address = عنوان الفيديو
import-hint = ملف، أو صفحة فيها فيديو. يؤخذ العنوان والوصف والوسوم والصورة.
import-hint-torrent = أو رابط مغناطيسي: يُجلب ممن يملكونه.
import-begin = أحضره
import-begun = يجري إحضاره.
import-off = لا يحضر هذا الموقع شيئا من مكان آخر.
imports-none = لم تحضر شيئا بعد.
import-waits = في الانتظار
import-runs = يجري إحضاره
import-done = أُحضر
import-failed = فشل
import-cancelled = أُلغي
import-retry = أعد المحاولة
import-cancel = ألغ
import-forget = انس
import-again = انظر من جديد
import-changed = تم.

# The age at which one may join.

signup-age = عمري { $age } سنة على الأقل.
signup-age-first = أكد السن المطلوبة للانضمام.

# Channels of other sites that are kept in step.

syncs = قنوات تُتابع من مواقع أخرى
syncs-hint = كل جديد في قناة على موقع آخر يصل إلى هنا من تلقاء نفسه ويراه الجميع.
sync-address = عنوان القناة هناك
sync-begin = تابعها
sync-begun = تُفحص كل ساعة من الآن.
sync-now = افحص الآن
sync-end = أوقف المتابعة
sync-done = محدَّثة

# A search that another site answers.

search-only-here = في هذا الموقع فقط

# What one has reported.

own-reports = بلاغاتك
own-reports-lead = ما أبلغت به المشرفين، وما قالوه
own-reports-none = لم تبلغ عن شيء. للفيديوهات والتعليقات والحسابات زر لذلك.
own-report-talk = الحديث مع المشرفين
own-report-said = { $count ->
    [zero] لا رسائل
    [one] رسالة واحدة
    [two] رسالتان
    [few] { $count } رسائل
    [many] { $count } رسالة
   *[other] { $count } رسالة
}

# The front page, row by row.

home-rows = الصفحة الأولى
home-rows-lead = ما يوجد في الصفحة الأولى من الأعلى إلى الأسفل.
home-rows-none = تجد الصفحة الأولى ترتيبها بنفسها: الجديد والأكثر مشاهدة وما صُنع هنا. أضف صفًا لتختار بنفسك.
home-row = صف
home-row-about = عن
home-row-add = إضافة صف
home-row-hint = للقناة اسمها، وللوسم الكلمة، ولقائمة التشغيل آخر عنوانها، وللنص Markdown. والباقي لا يحتاج شيئًا.
home-row-up = إلى الأعلى
home-row-down = إلى الأسفل
home-row-wrong = ينقص هذا الصف موضوعه، أو أنه لا يأخذ شيئًا.
home-row-missing = لا توجد هنا قناة أو قائمة تشغيل عامة كهذه.
home-row-feature = أحدث عمل، كبيرًا
home-row-new = فيديوهات جديدة
home-row-trending = الأكثر مشاهدة
home-row-local = صُنع هنا
home-row-channels = قنوات نشطة
home-row-channel = فيديوهات قناة
home-row-tag = فيديوهات بوسم
home-row-playlist = قائمة تشغيل
home-row-text = نص

# Who follows a channel.

followers = المتابعون
followers-lead = يصلهم جديد هذه القناة. من تُبعده يمكنه العودة: اكتمه ليبقى بعيداً.
followers-none = لا أحد يتابع هذه القناة بعد.
follower-gone = لم يعد يتابع هذه القناة.

# A playlist that is watched as a programme.

programme-join = ما يُعرض الآن
programme-hint = يرى الجميع الشيء نفسه في الوقت نفسه، ليل نهار.
programme-now = العودة إلى ما يُعرض الآن

offers = العروض
offers-lead = فيديوهات وقنوات تنتقل من يد إلى يد، وقنوات يُطلب منك أن تساعد فيها.
offers-none = لم يعرض عليك أحد شيئًا، ولم تعرض أنت شيئًا.
offers-what = ماذا
offers-video = فيديو
offers-channel = قناة بفيديوهاتها
offers-help = يُطلب منك أن تساعد
offers-from = { $name } يريد أن يعطيك إياه
offers-to = بانتظار { $name }
offers-take = قبول
offers-into = إلى هذه القناة
offers-refuse = رفض
offers-withdraw = سحب
offers-taken = صار لك الآن.
offers-refused = رُفض العرض.
offers-withdrawn = سُحب العرض.
offers-give = إعطاء شيء
offers-thing = فيديو أو قناة
offers-thing-hint = عنوانه، أو اسم القناة.
offers-offer = عرض
offers-made = قُدّم العرض. ينتقل عندما يُقبل.
offers-unknown = لا يوجد فيديو أو قناة بهذا الاسم.
offers-not-yours = هذا ليس لك لتعطيه.
offers-twice = هو معروض على أحد من قبل، أو له من قبل.

own-mutes = المكتومون
own-mutes-lead = لا ترى ولا تسمع ما يقوله هؤلاء ويصنعونه.
own-mutes-none = لم تكتم أحدًا. في صفحة كل حساب زر لذلك.
mute-yourself = لا يمكنك كتم نفسك.
muted-by-you = كتمته أنت
muted-by-site = مكتوم هنا عن الجميع
muted-server-by-you = كتمت خادمه
muted-server-by-site = خادمه مكتوم هنا عن الجميع
reports-choose = لم يُختر شيء. علّم البلاغات أولًا.
reports-decided = حُسم الأمر. يُخبَر من أبلغوا.
