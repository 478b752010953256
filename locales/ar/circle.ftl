# Links to videos that are shared.

shared-title = شاركك أحدهم مقطع فيديو.
shared-text = يُفتح هذا الرابط مرات قليلة فقط. بعد فتحه يمكنك المشاهدة لمدة اثنتي عشرة ساعة.
shared-left = { $count ->
    [zero] لم يعد يُفتح.
    [one] يُفتح مرة واحدة أخرى.
    [two] يُفتح مرتين أخريين.
    [few] يُفتح { $count } مرات أخرى.
    [many] يُفتح { $count } مرة أخرى.
   *[other] يُفتح { $count } مرة أخرى.
}
