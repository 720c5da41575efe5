"""The labels of columns in Redmine's exports; short, as it is a legend only."""

from __future__ import annotations

__all__ = ["COLUMNS"]

# Labels of columns: English, German, French, Spanish, Dutch, Italian, Portuguese,
# Polish, Russian, Japanese, Chinese, Swedish, Czech.
_LABELS = {
    "project": "Project|Projekt|Projet|Proyecto|Progetto|Projeto|Проект|プロジェクト|项目",
    "tracker": "Tracker|Tipo|Typ zagadnienia|Трекер|トラッカー|跟踪|Ärendetyp|Fronta",
    "status": "Status|Statut|Estado|Stato|Situação|Статус|ステータス|状态|Stav",
    "priority": "Priority|Priorität|Priorité|Prioridad|Prioriteit|Priorità|Prioridade"
    "|Priorytet|Приоритет|優先度|优先级|Prioritet|Priorita",
    "subject": "Subject|Thema|Sujet|Asunto|Onderwerp|Oggetto|Título|Temat|Тема|題名|主题"
    "|Ämne|Předmět",
    "author": "Author|Autor|Auteur|Autore|Автор|作成者|作者|Författare",
    "assignee": "Assignee|Zugewiesen an|Assigné à|Asignado a|Toegewezen aan|Assegnato a"
    "|Atribuído para|Przypisany do|Назначена|担当者|指派给|Tilldelad till|Přiřazeno",
    "category": "Category|Kategorie|Catégorie|Categoría|Categorie|Categoria|Kategoria"
    "|Категория|カテゴリ|类别|Kategori",
    "version": "Target version|Zielversion|Version cible|Versión prevista|Versie"
    "|Versione prevista|Versão|Wersja docelowa|Версия|対象バージョン|目标版本"
    "|Versionsmål|Cílová verze",
    "estimated_hours": "Estimated time|Geschätzter Aufwand|Temps estimé|Tiempo estimado"
    "|Geschatte tijd|Tempo stimato|Tempo estimado|Szacowany czas"
    "|Оценка временных затрат|予定工数|预期时间|Estimerad tid|Odhadovaná doba",
    "spent_hours": "Spent time|Aufgewendete Zeit|Temps passé|Tiempo dedicado"
    "|Gespendeerde tijd|Tempo impiegato|Tempo gasto|Przepracowany czas|Трудозатраты"
    "|作業時間|耗时|Spenderad tid|Strávený čas",
    "done_ratio": "% Done|% erledigt|% réalisé|% Realizado|% voltooid|% Completato"
    "|% Terminado|% Wykonania|Готовность|進捗率|% 完成|% Klart|% Hotovo",
    "created_on": "Created|Angelegt|Créé|Creado|Aangemaakt op|Creato|Criado em"
    "|Data utworzenia|Создано|作成日|创建于|Skapad|Vytvořeno",
    "updated_on": "Updated|Aktualisiert|Mis-à-jour|Actualizado|Laatst gewijzigd op"
    "|Aggiornato|Alterado em|Data modyfikacji|Обновлено|更新日|更新于|Uppdaterad"
    "|Aktualizováno",
    "closed_on": "Closed|Geschlossen am|Fermé|Cerrada|Gesloten|Chiuso|Concluído"
    "|Data zamknięcia|Закрыта|終了日|结束日期|Stängd|Uzavřeno",
}
COLUMNS = {
    label.casefold(): column
    for column, labels in _LABELS.items()
    for label in labels.split("|")
} | {"#": "id"}
