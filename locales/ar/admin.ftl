# غرفة الآلات: ما يراه من يديرون المكان.

admin-health = الصحة
admin-jobs = الأعمال
admin-people = الأشخاص
admin-videos = الفيديوهات
admin-settings = الإعدادات
health-well = كل شيء بخير.
health-some = { $count ->
    [one] أمر واحد يحتاج إليك.
    [two] أمران يحتاجان إليك.
    [few] { $count } أمور تحتاج إليك.
   *[other] { $count } أمرًا يحتاج إليك.
}
mood-good = بخير
mood-warn = تنبيه
mood-bad = مشكلة
check-disk-text = { $free } فارغة حيث الفيديوهات.
check-jobs-text = { $waiting } تنتظر، { $running } تعمل.
check-mail = البريد
check-mail-off = البريد غير مُعد، فلا تصل رسائل كلمة السر المنسية.
check-mail-on = تخرج الرسائل عبر { $host }.
check-address = العنوان
jobs-lead = { $waiting } تنتظر، { $running } تعمل، { $failed } فشلت
jobs-empty = لا يُفعل شيء الآن.
job-kind = ماذا
job-state = الحالة
job-tries = المحاولات
job-when = متى
job-waiting = ينتظر
job-running = يعمل
job-done = تم
job-failed = فشل
job-cancelled = أُوقف
job-retry = حاول مرة أخرى
job-cancel = أوقف
job-retried = سيُحاول مرة أخرى.
people-lead = كل من له حساب هنا
people-empty = لا أحد بعد.
person-name = الاسم
person-role = الدور
person-mail = البريد
person-videos = الفيديوهات
person-state = الحالة
role-0 = مدير
role-1 = مشرف
role-2 = عضو
person-blocked = مغلق
person-open = مفتوح
person-block = أغلق
person-unblock = افتح من جديد
person-block-sure = أتغلق هذا الحساب؟ لا يُزال منه شيء.
admin-videos-lead = كل ما في هذا المكان، الأحدث أولًا
video-block = احجب
video-unblock = ارفع الحجب
video-block-sure = أتحجب هذا الفيديو؟ لن يراه إلا صانعه.
setting-name = اسم هذا المكان
setting-short = في سطر واحد
setting-about = عنه
setting-terms = القواعد
setting-signup = الحسابات الجديدة
setting-signup-open = يمكن إنشاء حساب
setting-signup-approval = ينظر أحد في كل طلب أولًا
setting-look = ما هو
setting-look-hint = أول ما يراه الناس من كلمات.
setting-signup-hint = من يستطيع الانضمام.
setting-hue = لون الموقع (من ٠ إلى ٣٥٩)
