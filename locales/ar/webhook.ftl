# What rooms of Discord and Matrix are told, and how that is chosen.

webhook-form = شكل النداء
webhook-form-hint = يتلقى Discord وMatrix جملة ورابطًا. العنوان هو عنوان webhook لقناة، أو عنوان hookshot.
webhook-standard = حدث موقّع
webhook-discord = Discord
webhook-matrix = Matrix (hookshot)
hook-uploaded = رفع جديد: { $what }
hook-published = نشر { $who } الفيديو { $what }
hook-blocked = حُظر { $what }
hook-unblocked = لم يعد { $what } محظورًا
hook-live = { $who } في بث مباشر: { $what }
hook-comment = علّق { $who } على { $what }
hook-comment-approved = قُبل تعليق { $who } على { $what }
hook-followed = يتابع { $who } الآن { $what }
hook-registered = حساب جديد: { $who }
hook-asked = يطلب { $who } حسابًا
hook-reported = بلاغ جديد (رقم { $report })
hook-decided = بُتّ في البلاغ رقم { $report }
hook-imported = اكتمل الاستيراد: { $what }
hook-import-failed = فشل الاستيراد: { $what }
hook-test = هذه تجربة.
