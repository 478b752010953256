# الخوادم الأخرى: كيف يُوصل إليها ومن يتابع من.

follows-none = لا شيء بعد.
server = الخادم
server-well = يُوصل إليه
server-failing = لا يُوصل إليه
server-untried = لم يُجرَّب بعد
server-failures = { $count ->
    [zero] لم تفشل أي محاولة
    [one] فشلت محاولة واحدة
    [two] فشلت محاولتان
    [few] فشلت { $count } محاولات
    [many] فشلت { $count } محاولة
   *[other] فشلت { $count } محاولة
}
server-lead = { $waiting } في الانتظار، { $missed } لم تُقبل. ما لم يُقبل يمكن إرساله مجددًا خلال شهر.
server-missed = لم تُقبل
server-retry = جرّب الآن
server-again = أرسل مجددًا
server-again-all = أرسل الكل مجددًا
server-tried = يجري الإرسال الآن.
about-follows = أماكن متصلة
about-follows-lead = تنتقل المقاطع بين هذا المكان وهذه الأماكن.
about-followers = أماكن تتابع هذا المكان
about-followings = أماكن يتابعها هذا المكان
