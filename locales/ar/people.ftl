# الدعوات.

signup-invited = دعاك { $name }.
