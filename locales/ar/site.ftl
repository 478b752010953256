# إطار كل صفحة والقوائم والأخطاء.

skip = إلى المحتوى
nav-main = الرئيسي
nav-home = البداية
nav-discover = اكتشف
nav-subscriptions = المتابَعات
search = ابحث
search-label = ابحث عن فيديوهات وقنوات
theme = فاتح أو داكن
menu = القائمة
upload = ارفع
your-account = { $name }، حسابك
your-videos = فيديوهاتك
your-playlists = قوائمك
history = ما شاهدته
settings = الإعدادات
admin = غرفة الآلات
login = ادخل
logout = اخرج
signup = أنشئ حسابًا
about-place = عن هذا المكان
rules = القواعد
feeds = الخلاصات
language = اللغة
change = غيّر
runs-on = يعمل بـ Vidicon
live = مباشر
watched = شوهد
watch = شاهد
watch-on = شاهد على { $site }
see-all = اعرض الكل
channels = القنوات
videos = الفيديوهات
video = فيديو
pages = الصفحات
pages-back = السابق
pages-next = التالي
pages-now = صفحة { $page }
close = أغلق
copy = انسخ
copied = نُسخ
save = احفظ
saved = حُفظ.
edit = عدّل
remove = أزل
ready = جاهزة
name = الاسم
time = الوقت
state = الحالة
size = الحجم
actions = الإجراءات
look = ألق نظرة
what-it-said = الرسالة الأصلية
home-feature = الأحدث
home-empty = لا شيء للمشاهدة بعد.
home-empty-text = هذا المكان جديد. يمكن أن يكون أول فيديو عشر ثوانٍ فقط.
home-new = جديد
home-trending = الأكثر مشاهدة
home-local = صُنع هنا
search-quote = «{ $words }»
search-count = { $count ->
    [0] لم يُعثر على شيء
    [one] فيديو واحد
    [two] فيديوان
    [few] { $count } فيديوهات
    [many] { $count } فيديو
   *[other] { $count } فيديو
}
search-none = لا شيء يطابق هذه الكلمات.
search-none-text = جرّب كلمات أقل، أو ابحث عن الصانع.
order = الترتيب
order-match = الأقرب
order-new = الأحدث
order-views = الأكثر مشاهدة
order-short = الأقصر
order-long = الأطول
order-trending = الرائج
filter-any-length = أي مدة
filter-short = أقل من ٤ دقائق
filter-medium = من ٤ إلى ١٠ دقائق
filter-long = أكثر من ١٠ دقائق
filter-here = صُنع هنا
filter-live = مباشر
to-front = إلى الصفحة الأولى
error-400 = لا يمكن فعل ذلك.
error-401 = ادخل من فضلك.
error-401-text = هذه الصفحة لمن لهم حساب هنا.
error-403 = هذا ليس لك.
error-403-text = صانعه أو هذا المكان قرر من يستطيع رؤيته.
error-404 = لا شيء في هذا العنوان.
error-404-text = ربما انتقل الفيديو أو أزاله صانعه. إن أعطاك أحد هذا الرابط فاطلب منه رابطًا جديدًا.
error-413 = هذا كبير جدًا.
error-429 = كان ذلك سريعًا قليلًا.
error-429-text = انتظر لحظة ثم حاول مرة أخرى.
error-500 = شيء ما معطّل هنا.
error-500-text = ليس ذنبك. سُجّل ذلك وسينظر فيه أحد.
error-text = ارجع وغيّره وحاول مرة أخرى. ما كتبته ما زال هناك.
cross-site = جاء هذا من موقع آخر، لذلك لم يُنفَّذ.
views-count = { $count ->
    [zero] لا مشاهدات
    [one] مشاهدة واحدة
    [two] مشاهدتان
    [few] { $count } مشاهدات
    [many] { $count } مشاهدة
   *[other] { $count } مشاهدة
}
videos-count = { $count ->
    [0] لا فيديوهات بعد
    [one] فيديو واحد
    [two] فيديوان
    [few] { $count } فيديوهات
    [many] { $count } فيديو
   *[other] { $count } فيديو
}
followers-count = { $count ->
    [0] لا متابعين بعد
    [one] متابع واحد
    [two] متابعان
    [few] { $count } متابعين
    [many] { $count } متابعًا
   *[other] { $count } متابع
}
video-and-followers = { $videos } · { $followers }
date = { $day } { $month } { $year }
month-1 = يناير
month-2 = فبراير
month-3 = مارس
month-4 = أبريل
month-5 = مايو
month-6 = يونيو
month-7 = يوليو
month-8 = أغسطس
month-9 = سبتمبر
month-10 = أكتوبر
month-11 = نوفمبر
month-12 = ديسمبر
ago-now = الآن
ago-minutes = { $count ->
    [one] منذ دقيقة
    [two] منذ دقيقتين
    [few] منذ { $count } دقائق
   *[other] منذ { $count } دقيقة
}
ago-hours = { $count ->
    [one] منذ ساعة
    [two] منذ ساعتين
    [few] منذ { $count } ساعات
   *[other] منذ { $count } ساعة
}
ago-days = { $count ->
    [one] أمس
    [two] منذ يومين
    [few] منذ { $count } أيام
   *[other] منذ { $count } يومًا
}
length-s = { $seconds } ث
length-ms = { $minutes } د { $seconds } ث
length-hm = { $hours } س { $minutes } د
subscriptions-lead = ما صنعته القنوات التي تتابعها
subscriptions-empty = لا تتابع أحدًا بعد.
subscriptions-empty-text = اضغط «تابع» في قناة فتظهر فيديوهاتها الجديدة هنا.
history-lead = ما شاهدته، الأحدث أولًا
history-empty = لم تشاهد شيئًا بعد.
history-empty-text = ما تشاهده وأنت داخل بحسابك يظهر هنا.
playlists-lead = القوائم التي تحتفظ بها
playlists-empty = لا قوائم بعد.
playlists-empty-text = اضغط «احتفظ» تحت فيديو لتبدأ قائمة.
playlist-empty = هذه القائمة فارغة.
playlist-note = { $count ->
    [0] لا فيديوهات
    [one] فيديو واحد
    [two] فيديوان
    [few] { $count } فيديوهات
   *[other] { $count } فيديو
}
watch-all = شاهد من البداية
channel-videos = الفيديوهات
channel-playlists = القوائم
channel-about = عنها
account-channels = القنوات
channel-empty = لا فيديوهات بعد.
made-by = من صنع
about-what = ما هذا المكان
about-rules = القواعد
about-who = من يديره
about-nothing = لم يكتب أحد شيئًا هنا بعد.
about-figures = بالأرقام
figure-videos = فيديوهات صُنعت هنا
figure-people = أشخاص
figure-views = مشاهدات
software = البرنامج
software-text = يعمل هذا الموقع بـ Vidicon { $version }، برنامج حر برخصة AGPL.
remote-title = تابع من حيث أنت
remote-text = لك حساب على خادم آخر؟ أعط عنوانه ونأخذك إليه.
remote-handle = اسمك هناك، مثل me@elsewhere.example
remote-go = اذهب إليه
remote-bad = لا يبدو هذا مثل name@server.
size-b = { $n } بايت
size-kb = { $n } ك.ب
size-mb = { $n } م.ب
size-gb = { $n } ج.ب
size-tb = { $n } ت.ب
