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
