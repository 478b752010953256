# الرفع والتعديل وفيديوهاتك.

upload-lead = يمكنك إغلاق هذه الصفحة حين يصل ملف.
upload-room = أي شكل وأي صيغة. لديك { $room } فارغة.
upload-room-free = أي شكل وأي صيغة.
upload-done = وصل. تُصنع الجودات.
upload-no-file = اختر ملفًا من فضلك.
files = الملفات
drop-here = أفلت الملفات هنا، أو
choose-files = اختر ملفات
about-video = عن هذا الفيديو
title = العنوان
description = الوصف
description-hint = السطور التي تبدأ بوقت تصبح فصولًا.
channel = القناة
licence = الرخصة
licence-none = كل الحقوق محفوظة
category = الفئة
category-none = بلا
video-language = اللغة المنطوقة
language-none = بلا، أو غير مذكورة
tags = كلمات ليُعثر عليه
tags-hint = حتى خمس، بينها فواصل
who-can-see = من يستطيع رؤيته
privacy-1 = الجميع
privacy-1-note = في القوائم، ويُرسل إلى المتابعين في أماكن أخرى
privacy-2 = بالرابط
privacy-2-note = لا في القوائم ولا يُرسل
privacy-3 = أنا فقط
privacy-3-note = مسودة، لك ولمن يديرون هذا المكان
privacy-4 = الأعضاء
privacy-4-note = من لهم حساب هنا
privacy-5 = بكلمة سر
privacy-5-note = لمن تعطيهم إياها
publish = انشر
keep-draft = احتفظ به مسودة
find-yours = ابحث في فيديوهاتك
videos-and-size = { $videos }، { $size }
no-videos-yet = لا فيديوهات بعد.
no-videos-yet-text = يمكن أن يكون أولها عشر ثوانٍ.
chosen-videos = الفيديوهات المختارة
choose-all = اختر الكل
choose-one = اختر { $name }
watch-one = شاهد { $name }
bulk-privacy = غيّر من يستطيع رؤيتها
bulk-sure = أتفعل هذا بكل الفيديوهات المختارة؟
bulk-done = { $count ->
    [one] تغيّر فيديو واحد.
    [two] تغيّر فيديوان.
    [few] تغيّرت { $count } فيديوهات.
   *[other] تغيّر { $count } فيديو.
}
bulk-removed = { $count ->
    [one] أُزيل فيديو واحد.
    [two] أُزيل فيديوان.
    [few] أُزيلت { $count } فيديوهات.
   *[other] أُزيل { $count } فيديو.
}
views = المشاهدات
state-1 = الجميع
state-making = تُصنع الجودات
state-import = يُجلب
state-live-wait = ينتظر البث
state-live-end = انتهى البث
state-move = ينتقل
state-failed = يحتاج إليك
state-edit = يُقصّ
picture = الصورة
picture-hint = الصورة الثابتة التي تُرى أولًا.
picture-now = الصورة الآن
picture-bring = أحضر صورتك
words = الكلمات
support-hint = خلف زر: كيف يشكرك الناس.
chapters-hint = تظهر على خط الزمن.
chapter-add = أضف فصلًا
captions = الترجمة المكتوبة
captions-hint = لمن لا يسمعون، وللبحث.
caption-language = لغة الترجمة المكتوبة
caption-file = ملف ‎.vtt أو ‎.srt
video-password = كلمة سر الفيديو
video-password-hint = تُستعمل فقط حين يُرى بكلمة سر.
allow-comments = يمكن التعليق عليه
allow-download = يمكن تنزيله
is-sensitive = قد يزعج (عنف أو عري أو ومضات)
files-hint = ما هو محفوظ.
quality = الجودة
format = الصيغة
together = المجموع
original = الأصل
undo-changes = تراجع عن التغييرات
delete-video = أزل هذا الفيديو
delete-sure = أتزيل «{ $name }» نهائيًا؟
delete-text = تذهب ملفاته فورًا، ونطلب من الخوادم الأخرى أن تنساه.
deleted = ذهب الفيديو.
banner = اللافتة
