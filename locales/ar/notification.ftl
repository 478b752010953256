# رسائل عمّا يحدث، والصفحة التي توقفها.

mail-stop = لا مزيد من هذه الرسائل:
mail-digest = { $count ->
    [zero] لا أخبار
    [one] خبر واحد
    [two] خبران
    [few] { $count } أخبار
    [many] { $count } خبرًا
   *[other] { $count } خبر
}
mail-new-video = نشر { $who } فيديو جديدًا: { $what }
mail-new-live = { $who } في بثّ مباشر: { $what }
mail-comment = تعليق جديد من { $who } على الفيديو { $what }
mail-mention = ذكرك { $who } تحت الفيديو { $what }
mail-abuse-video = بلاغ جديد عن فيديو (رقم { $report })
mail-abuse-comment = بلاغ جديد عن تعليق (رقم { $report })
mail-abuse-account = بلاغ جديد عن حساب (رقم { $report })
mail-auto-blocked = فيديو جديد ينتظر المراجعة: { $what }
mail-blocked = حُجب الفيديو { $what }
mail-unblocked = لم يعد الفيديو { $what } محجوبًا
mail-published = نُشر الفيديو { $what }
mail-imported = اكتمل استيراد { $what }
mail-import-failed = تعذّر استيراد { $what }
mail-registered = حساب جديد في { $site }: { $who }
mail-registration-asked = { $who } يطلب حسابًا
mail-followed = اشتراك جديد في قناتك { $what }: { $who }
mail-server-followed = خادم آخر يتابع خادمنا: { $what }
mail-auto-followed = خادمنا يتابع خادمًا آخر: { $what }
mail-abuse-accepted = قُبل البلاغ رقم { $report }
mail-abuse-rejected = رُفض البلاغ رقم { $report }
mail-abuse-message = رسالة جديدة في البلاغ رقم { $report }
mail-new-version = صدر الإصدار { $what } من هذا البرنامج
mail-studio-finished = اكتمل تحرير الفيديو { $what }
mail-transcribed = نص الفيديو { $what } بلغة { $language } جاهز
mail-collaboration-asked = يطلب منك { $who } المساعدة في القناة { $what }
mail-collaboration-accepted = يساعد { $who } الآن في قناتك { $what }
mail-collaboration-rejected = لا يريد { $who } المساعدة في قناتك { $what }
mail-ownership-offered = يريد { $who } أن يعطيك { $what }
mail-ownership-accepted = تسلّم { $who } { $what }
mail-ownership-rejected = لا يريد { $who } { $what }
mail-blocklist-updated = غيّرت قائمة الحجب { $what } مَن هو مكتوم
mail-test = هذا الموقع يستطيع إرسال البريد
mail-test-text = إذا قرأت هذا فإن رسائل { $site } تصل.
stop-title = رسائلنا
stop-text = هل نتوقف عن إرسال هذا النوع من الرسائل إليك؟ يبقى كل ما يحدث في إشعاراتك.
stop-button = أوقفوها
stop-done = تم. لن تصلك رسائل من هذا النوع.
