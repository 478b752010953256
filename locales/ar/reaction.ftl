reactions = التفاعلات
reaction = { $emoji }: { $count }
setting-reactions = يمكن التفاعل مع الفيديوهات بالرموز التعبيرية
setting-emoji = أي الرموز (12 على الأكثر تفصلها مسافات)
