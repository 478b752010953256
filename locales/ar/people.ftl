# الدعوات.

signup-invited = دعاك { $name }.
passkeys = مفاتيح المرور
passkeys-hint = سجّل الدخول ببصمتك أو وجهك أو بمفتاح بدل كلمة المرور. لا يستطيع أحد قراءتها من فوق كتفك.
passkey-name = اسم له، مثل هاتفي
passkey-add = إنشاء مفتاح مرور
passkey-login = الدخول بمفتاح مرور
passkey-failed = لم ينجح ذلك. حاول مرة أخرى أو استخدم كلمة مرورك.
broadcast-away = إخفاء
