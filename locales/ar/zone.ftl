time-zone = المنطقة الزمنية
time-zone-hint = تواريخ الصفحات وأوقات الرسائل تتبع هذا المكان.
time-zone-utc = التوقيت العالمي UTC
schedule-zone = الوقت بتوقيت { $zone }.
