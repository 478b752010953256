# Pages that visitors see, and why some are closed.

sensitive-badge = حسّاس
download-sound = الصوت فقط
video-lost = لا يوجد هذا الفيديو هنا.
video-blocked = هذا الفيديو محجوب هنا.
video-blocked-text = أخفاه القائمون على هذا المكان.
video-internal = هذا الفيديو لمن لديهم حساب هنا.
video-internal-text = سجّل الدخول لمشاهدته.
video-private = هذا الفيديو خاص.
video-private-login = لا يراه إلا صاحبه. إن كنت أنت صاحبه فسجّل الدخول.
video-private-text = لا يراه إلا صاحبه.
browse-liked = الأكثر إعجابًا
about-moderation = الإشراف
figure-comments = التعليقات
remote-none = لا يذكر ذلك الخادم مكان المتابعة منه.
remote-here = ألديك حساب هنا؟
history-forget = انسَ الكل
history-sure = أتنسى كل ما شاهدته؟
history-gone = نُسي.
comment-gone-by = محذوف
comment-approve = موافقة
comments-more = تعليقات أقدم
comment-length = طول التعليق من 1 إلى 10,000 حرف.
comment-waits = شكرًا. سيطّلع عليه صاحب الفيديو أولًا.
playlist-hidden = غير مدرجة
playlist-delete-sure = أتحذف القائمة «{ $name }»؟ تبقى الفيديوهات.
playlist-deleted = حُذفت القائمة.
playlist-gone = فيديو لم يعد موجودًا أو ليس متاحًا لك
playlist-up = إلى الأعلى
playlist-down = إلى الأسفل
playlist-new = قائمة جديدة
playlist-make = إنشاء
playlist-name-bad = طول الاسم من 1 إلى 120 حرفًا.
list-place = رقم { $position } · { $note }

# What moderators did, for everybody
acts-title = ما فعله المشرفون
acts-lead = كل قرار بيومه وأسبابه، من دون أسماء.
acts-none = لم يلزم اتخاذ أي قرار بعد.
acts-blocked = حُجب فيديو
acts-unblocked = عاد فيديو إلى الظهور
acts-accepted-video = قُبل بلاغ عن فيديو
acts-accepted-comment = قُبل بلاغ عن تعليق
acts-accepted-account = قُبل بلاغ عن حساب
acts-refused-video = رُفض بلاغ عن فيديو
acts-refused-comment = رُفض بلاغ عن تعليق
acts-refused-account = رُفض بلاغ عن حساب
acts-muted-account = كُتم حساب للجميع
acts-muted-server = كُتم خادم للجميع
acts-unmuted-account = عاد حساب إلى الظهور
acts-unmuted-server = عاد خادم إلى الظهور
said-at = قيل عند { $time }

about-elsewhere = في أماكن أخرى
embed-not-here = لا يُعرض هذا الفيديو هنا
embed-not-here-text = حدّد صاحبه المواقع التي يجوز أن تعرضه، وليس هذا منها.
