# رسائل عن الحسابات.

mail-hello = مرحبًا { $name }،
mail-first-subject = اختر كلمة مرور لحسابك
mail-first = أُنشئ لك حساب على { $site }. اختر كلمة المرور هنا خلال سبعة أيام:
mail-forgotten-subject = كلمة مرور جديدة لحسابك
mail-forgotten = طلب أحدهم كلمة مرور جديدة لحسابك على { $site }. اخترها هنا خلال ساعة:
mail-forgotten-end = إن لم تكن أنت من طلب ذلك فلا تفعل شيئًا: ستبقى كلمة مرورك كما هي.
mail-prove-subject = أكّد بريدك على { $site }
mail-prove = يرجى التأكيد خلال ساعة أن هذا العنوان لك:
mail-prove-end = إن لم تسجّل على { $site } فلا تفعل شيئًا.
mail-accepted-subject = قُبل طلب التسجيل باسم { $name }
mail-accepted = قُبل طلبك للانضمام إلى { $site }. سجّل الدخول هنا:
mail-rejected-subject = رُفض طلب التسجيل باسم { $name }
mail-rejected = رُفض طلبك للانضمام إلى { $site }.
mail-account-blocked-subject = حُظر الحساب
mail-account-blocked = حُظر حسابك على { $site }.
mail-account-unblocked-subject = رُفع حظر الحساب
mail-account-unblocked = رُفع الحظر عن حسابك على { $site }.
mail-reason = السبب: { $reason }
mail-device-subject = دخول جديد إلى حسابك
mail-device = دخل أحدهم إلى حسابك على { $site } من جهاز لم يُعرف من قبل:
mail-device-end = إن كنت أنت فلا داعي لشيء. وإلا فغيّر كلمة مرورك، وبذلك تنتهي كل الجلسات الأخرى:
