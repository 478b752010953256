# كلمات المشغّل. المفاتيح التي تبدأ بـ «js-» تذهب إلى المتصفح.

js-play = شغّل
js-pause = أوقف مؤقتًا
js-position = الموضع
js-position-of = { $at } من { $duration }
js-next-chapter = الفصل التالي
js-mute = أطفئ الصوت
js-unmute = شغّل الصوت
js-muted = الصوت مطفأ
js-unmuted = الصوت يعمل
js-volume = الصوت
js-volume-at = الصوت { $percent }٪
js-captions = الترجمة المكتوبة
js-no-captions = ليس لهذا الفيديو ترجمة مكتوبة
js-settings = الجودة والسرعة وغيرهما
js-pip = صورة في صورة
js-pip-refused = لا يسمح المتصفح بذلك هنا
js-fullscreen = ملء الشاشة
js-theatre = وضع السينما
js-live = مباشر
js-off = بلا
js-normal = عادية
js-now = الآن { $now }
js-now-better-soon = { $now }، الأفضل قريبًا
js-automatic = تلقائية
js-automatic-now = تلقائية، { $now }
js-original = الأصل
js-sound-only = صوت فقط
js-quality-note = ما تستهلكه من البداية إلى النهاية
js-better-soon = جودات أفضل في الطريق.
js-menu-main = الإعدادات
js-menu-quality = الجودة
js-menu-speed = السرعة
js-menu-captions = الترجمة المكتوبة
js-menu-look = كيف تبدو
js-menu-loop = التكرار
js-caption-small = صغيرة
js-caption-medium = متوسطة
js-caption-large = كبيرة
js-caption-huge = كبيرة جدًا
js-caption-box = على خلفية داكنة
js-caption-shade = بظل ناعم
js-caption-outline = بإطار
js-loop-none = بلا
js-loop-all = الفيديو كله
js-loop-a = من هنا (أ)
js-loop-b = إلى هنا (ب)
js-loop-none-said = أُوقف التكرار
js-loop-all-said = يتكرر
js-loop-a-said = يتكرر من هنا
js-loop-b-said = يتكرر إلى هنا
js-flip = عكس الصورة
js-flip-on-said = الصورة معكوسة
js-flip-off-said = لم تعد الصورة معكوسة
js-cast = التشغيل على شاشة أخرى
js-cast-none = لم يُعثر على شاشة أخرى
js-stay = ابق هنا
js-next-in = { $seconds ->
    [one] التالي بعد ثانية
    [two] التالي بعد ثانيتين
    [few] التالي بعد { $seconds } ثوانٍ
   *[other] التالي بعد { $seconds } ثانية
}
js-try-again = حاول مرة أخرى
js-what-it-said = الرسالة الأصلية
js-fault-network = لا يمكن الوصول إلى الفيديو.
js-fault-network-why = اتصالك أو الخادم الذي يأتي منه لا يجيب. ما حُمّل باقٍ.
js-fault-gone = ذهب الفيديو.
js-fault-gone-why = لم تعد ملفاته في عنوانها. ربما بدّلها صانعه أو أزالها.
js-fault-not-yet = ليس جاهزًا بعد.
js-fault-not-yet-why = تُصنع الجودة الأولى. تتابع هذه الصفحة وحدها.
js-fault-forbidden = لا يحق لك مشاهدة هذا.
js-fault-forbidden-why = ربما خرجت من حسابك، أو غيّر الصانع من يستطيع رؤيته.
js-fault-decode = لا يمكن تشغيل هذا الجزء.
js-fault-decode-why = تعثّر المتصفح في الملف. قد تصلح جودة أخرى.
js-fault-unsupported = لا يستطيع متصفحك تشغيل هذا.
js-fault-unsupported-why = تنقصه صيغة هذا الفيديو. يكفي متصفح أحدث أو التنزيل.
