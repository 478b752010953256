# كلمات صفحة الرفع التي يضعها البرنامج.

js-untitled = بلا عنوان
js-queued = التالي
js-uploading = يُرفع
js-paused = موقوف. ما وصل باقٍ.
js-pause-upload = أوقف مؤقتًا
js-go-on = تابع
js-cancel-upload = أوقف وأزل
js-cancel-sure = أتوقف رفع { $name }؟ يُرمى ما وصل.
js-sent-of = { $sent } من { $size }
js-speed = { $speed } في الثانية
js-seconds-left = { $seconds ->
    [one] بقيت ثانية
    [two] بقيت ثانيتان
    [few] بقيت { $seconds } ثوانٍ
   *[other] بقيت { $seconds } ثانية
}
js-minutes-left = { $minutes ->
    [one] بقيت دقيقة
    [two] بقيت دقيقتان
    [few] بقيت { $minutes } دقائق
   *[other] بقيت { $minutes } دقيقة
}
js-hours-left = بقي { $hours } س { $minutes } د
js-no-connection = { $seconds ->
    [one] لا يجيب الخادم. محاولة أخرى بعد ثانية
    [two] لا يجيب الخادم. محاولة أخرى بعد ثانيتين
    [few] لا يجيب الخادم. محاولة أخرى بعد { $seconds } ثوانٍ
   *[other] لا يجيب الخادم. محاولة أخرى بعد { $seconds } ثانية
}
js-waits-for-file = ينتظر ملفه
js-choose-again = اختر { $name } مرة أخرى فيتابع من حيث توقف.
js-choose-file = اختر الملف
js-arrived = وصل
js-ready = جاهز
js-stopped = توقف
js-upload-refused = لم يقبل الخادم الملف. { $code }
js-save-refused = لم يمكن حفظ ذلك.
js-remove = أزل
js-watch-it = شاهد
js-edit-it = عدّل
js-save = احفظ
js-publish-now = انشر
js-publish-later = انشر حين يصل
js-will-publish = سيُنشر حالما يصل
js-published = نُشر
js-saved = حُفظ
js-draft-saved = حُفظت المسودة
js-add-line = أضف سطرًا
js-cue-start = من
js-cue-end = إلى
js-cue-text = الكلمات
js-chosen = { $count ->
    [one] واحد مختار
    [two] اثنان مختاران
    [few] { $count } مختارة
   *[other] { $count } مختارًا
}
