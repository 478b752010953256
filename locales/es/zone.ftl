time-zone = Zona horaria
time-zone-hint = Las fechas de las páginas y las horas de los correos son las de este lugar.
time-zone-utc = UTC
schedule-zone = La hora es la de { $zone }.
