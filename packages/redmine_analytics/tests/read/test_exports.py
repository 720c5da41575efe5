from __future__ import annotations

import pytest

from redmine_analytics import read_export
from redmine_analytics.exceptions import ExportError

HEADERS = {
    "en": ("#,Status,Target version,Story Points,Estimated time,Subject", "utf-8"),
    "de": ("#;Status;Zielversion;Story Points;Geschätzter Aufwand;Thema", "iso-8859-1"),
    "fr": ("#;Statut;Version cible;Story Points;Temps estimé;Sujet", "iso-8859-1"),
    "pl": ("#;Status;Wersja docelowa;Story Points;Szacowany czas;Temat", "iso-8859-2"),
    "cs": ("#;Stav;Cílová verze;Story Points;Odhadovaná doba;Předmět", "iso-8859-2"),
    "ru": ("#;Статус;Версия;Story Points;Оценка временных затрат;Тема", "cp1251"),
    "ja": ("#,ステータス,対象バージョン,Story Points,予定工数,題名", "cp932"),
    "zh": ("#,状态,目标版本,Story Points,预期时间,主题", "gb18030"),
    "sv": ("#,Status,Versionsmål,Story Points,Estimerad tid,Ämne", "utf-16"),
    "es": (
        "#;Estado;Versión prevista;Story Points;Tiempo estimado;Asunto",
        "utf-8-sig",
    ),
}


def export(language):
    header, encoding = HEADERS[language]
    sep, point = (";", ",") if ";" in header else (",", ".")
    rows = [
        ["3", "X", "Sprint 10", f"2{point}5", f"8{point}25", "Erste Karte"],
        ["12", "X", "", "", "", f'"A{sep} ""quoted"" one"'],
    ]
    lines = [header, *(sep.join(row) for row in rows)]
    return "\r\n".join(lines).encode(encoding) + "\r\n".encode(encoding)[-2:]


@pytest.mark.parametrize("language", HEADERS)
def test_an_export_is_read_in_any_language_and_encoding(language, tmp_path):
    content = export(language).rstrip(b"\r\n\0")
    if HEADERS[language][1] == "utf-16":
        content += b"\0"
    file = tmp_path / "issues.csv"
    file.write_bytes(content)

    for source in (content, file, str(file)):
        frame = read_export(source)

        assert list(frame["id"]) == [3, 12]
        assert frame.columns[1:].tolist() == [
            *("status", "version", "Story Points", "estimated_hours", "subject")
        ]
        assert frame["Story Points"].sum() == 2.5
        assert frame["estimated_hours"].sum() == 8.25
        assert frame["version"].isna().tolist() == [False, True]


def test_headers_of_other_languages_can_be_named():
    content = "#,Célverzió\n1,Sprint 1\n".encode()

    frame = read_export(content, columns={"Célverzió": "version"})

    assert list(frame["version"]) == ["Sprint 1"]


def test_the_encoding_can_be_given():
    content = "#,Subject\n1,Ελλάδα\n".encode("iso-8859-7")

    assert read_export(content, encoding="iso-8859-7")["subject"][0] == "Ελλάδα"
    with pytest.raises(ExportError, match="is not utf-8; give its encoding"):
        read_export(content, encoding="utf-8")


def test_a_truncated_export_is_refused():
    content = b"#,Subject\n" + b"".join(b"%d,x\n" % n for n in range(500))

    with pytest.raises(ExportError, match="has 500 of 626 issues"):
        read_export(content, expected=626)
    with pytest.raises(ExportError, match="exactly 500 rows, the limit"):
        read_export(content)
    assert len(read_export(content, expected=500)) == 500
    with pytest.raises(ExportError, match="exactly 10 rows"):
        read_export(b"\n".join(content.split(b"\n")[:11]), limit=10)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<!DOCTYPE html><title>Log in</title>", "was the login page saved"),
        (b"name,age\nx,1\n", "the first column is not '#'"),
        (b"", "the first column is not '#'"),
    ],
)
def test_what_is_not_an_export_is_refused(content, says):
    with pytest.raises(ExportError, match=says):
        read_export(content)
