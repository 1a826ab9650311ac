"""Words that Salesforce writes in the language of its user: what tasks and campaigns are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segxl.sources.formats.model import RowsSeen, WordRule
from segxl.sources.values.flags import plain_word
from segxl.tables.text_column import TextColumn, Texts

UNDONE = "task not completed"
COMPLETED = WordRule(
    "Status",
    keeps=(
        *("Completed", "Done", "Abgeschlossen", "Erledigt", "Terminé", "Terminée", "Achevé", "Achevée"),
        *("Completado", "Completada", "Finalizada", "Completato", "Completata", "Concluído", "Concluída", "Voltooid"),
        *("Slutförd", "Afsluttet", "Fullført", "Valmis", "Zakończone", "Dokončeno", "Befejezve", "Tamamlandı"),
        *("Завершено", "Завершена", "完了", "已完成", "완료"),
    ),
    drops=(
        *("Not Started", "In Progress", "Waiting on someone else", "Waiting for someone else", "Deferred", "Open"),
        *("Pending", "Cancelled", "Canceled", "Nicht begonnen", "Nicht gestartet", "In Bearbeitung", "Zurückgestellt"),
        *("Wartet auf jemand anderen", "Verschoben", "Offen", "Abgebrochen", "Non commencé", "Non commencée"),
        *("En cours", "En attente", "Reporté", "Reportée", "Différé", "Différée", "Annulé", "Annulée", "No iniciada"),
        *("No iniciado", "En curso", "En progreso", "Aplazada", "Aplazado", "Pospuesta", "Cancelada", "Cancelado"),
        *("Non iniziata", "Non iniziato", "In corso", "Rinviata", "Rinviato", "Não iniciada", "Não iniciado"),
        *("Em andamento", "Adiada", "Adiado", "Niet gestart", "In uitvoering", "Bezig", "Uitgesteld", "Inte startad"),
        *("Pågår", "Pågående", "Uppskjuten", "未着手", "進行中", "未开始", "进行中", "시작되지 않음", "진행 중"),
    ),
)
"""The words of a task's status: Salesforce writes them in the language of its user."""

EVENT_SOURCES = {
    plain_word(word): source
    for source, words in {
        "webinar": ("Webinar", "Webinars", "Webinaire", "Webinario", "Webinář", "Вебинар", "ウェビナー", "网络研讨会"),
        "trade_show": ("Trade Show", "Tradeshow", "Messe", "Salon", "Fiera", "Feria", "Feria comercial", "Beurs"),
        "field_event": ("Event", "Field Event", "Veranstaltung", "Événement", "Evento", "Evenement", "イベント"),
    }.items()
    for word in words
}
"""The campaign types whose responses have their own activity source."""

_OTHER_CAMPAIGNS = {
    plain_word(word)
    for word in (
        *("", "Email", "E-Mail", "Conference", "Public Relations", "Partners", "Partner", "Referral Program"),
        *("Referral", "Advertisement", "Advertising", "Banner Ads", "Direct Mail", "Telemarketing", "Other"),
        *(
            "Content",
            "Content Download",
            "Website",
            "Web",
            "Social",
            "Social Media",
            "Search",
            "Paid Search",
            "Nurture",
        ),
        *("Newsletter", "Retargeting", "Seminar", "Telesales", "List Purchase", "Survey", "Konferenz", "Partner"),
        *("Werbung", "Empfehlungsprogramm", "Öffentlichkeitsarbeit", "Bannerwerbung", "Andere", "Sonstiges"),
        *("Conférence", "Relations publiques", "Publicité", "Publipostage", "Télémarketing", "Autre"),
        *("Conferencia", "Relaciones públicas", "Publicidad", "Correo directo", "Correo electrónico", "Otro"),
    )
}
"""The campaign types that are none of them: Salesforce's own and common ones."""


def campaign_sources(types: TextColumn) -> Texts:
    """The source of an answer to a campaign of each type."""
    return types.changed(lambda word: EVENT_SOURCES.get(plain_word(word), "crm_map_campaign")).cells


def unknown_campaigns(types: TextColumn, rows: NDArray[np.int32], header: str) -> tuple[RowsSeen, ...]:
    """The rows where it is unknown whether their campaign was an event."""
    unknown = types.which(lambda word: plain_word(word) not in EVENT_SOURCES.keys() | _OTHER_CAMPAIGNS)
    if not unknown.any():
        return ()
    said = f"as a CRM/MAP campaign: its {header!r} is unknown"
    fix = "Map each word to 'Webinar', 'Trade Show', 'Event' or 'Other'"
    return (RowsSeen(f"counts {said}", f"count {said}", fix, rows[unknown], types.cells[unknown], "", header, "Other"),)
