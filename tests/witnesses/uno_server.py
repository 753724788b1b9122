"""Serve one LibreOffice to the tests: a JSON request a line on stdin, a JSON answer a line on stdout.

Runs under a Python that has `uno`, which is seldom the tests' own: `python uno_server.py SOFFICE PROFILE LOCALE`.
JSON carries a double as its repr, which is exact.
"""

import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

import uno  # type: ignore[import-not-found]
from com.sun.star.beans import NamedValue, PropertyValue  # type: ignore[import-not-found]

FILTERS = {
    ".ods": "calc8",
    ".ots": "calc8_template",
    ".fods": "OpenDocument Spreadsheet Flat XML",
    ".xlsx": "Calc MS Excel 2007 XML",
    ".xlsm": "Calc MS Excel 2007 VBA XML",
    ".xls": "MS Excel 97",
    ".pdf": "calc_pdf_Export",
    ".csv": "Text - txt - csv (StarCalc)",
}
ERROR = 4  # com.sun.star.sheet.FormulaResult.ERROR
BATCH = 10_000  # rows a call
SETTINGS = {
    ("org.openoffice.Office.Common/Misc", "FirstRun"): "false",
    ("org.openoffice.Office.Recovery/AutoSave", "Enabled"): "false",
}


def settings(locale):
    """Return a profile's registrymodifications.xcu: the same locale everywhere, no welcome, no autosave."""
    language = locale if locale == "en-US" else locale.partition("-")[0]
    values = SETTINGS | {
        ("org.openoffice.Setup/L10N", "ooSetupSystemLocale"): locale,
        ("org.openoffice.Setup/L10N", "ooLocale"): language,
        ("org.openoffice.Office.Linguistic/General", "UILocale"): language,
    }
    items = "".join(
        f'<item oor:path="/{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for (path, name), value in values.items()
    )
    return f'<oor:items xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>'


def start(soffice, profile, locale):
    """Start LibreOffice with a profile of its own and return its process and desktop; try three times."""
    user = Path(profile, "user")
    user.mkdir(parents=True, exist_ok=True)
    (user / "registrymodifications.xcu").write_text(settings(locale), encoding="utf-8")
    for _ in range(3):
        pipe = "sheetnet-" + secrets.token_hex(6)
        with open(Path(profile, "soffice.log"), "ab") as log:
            office = subprocess.Popen(
                [
                    soffice,
                    "-env:UserInstallation=" + Path(profile).resolve().as_uri(),
                    "--headless",
                    "--invisible",
                    "--norestore",
                    "--nologo",
                    "--nodefault",
                    "--nolockcheck",
                    f"--accept=pipe,name={pipe};urp;StarOffice.ComponentContext",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        desktop = connected(office, pipe)
        if desktop is not None:
            return office, desktop
        office.kill()
        office.wait()
    raise RuntimeError("LibreOffice did not start in three attempts")


def connected(office, pipe):
    """Return the desktop of a LibreOffice that is starting, or None when it ends or takes over 40 seconds."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    end = time.monotonic() + 40
    while time.monotonic() < end and office.poll() is None:
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        except Exception:  # NoConnectException until the pipe is there
            time.sleep(0.05)
    return None


def properties(**values):
    """Return UNO's way of saying keyword arguments."""
    return tuple(PropertyValue(Name=name, Value=value) for name, value in values.items())


def encryption(suffix, password):
    """Return the options that encrypt what is saved; the filters of .xlsx ignore a plain Password."""
    if suffix not in (".xlsx", ".xlsm"):
        return {"Password": password}
    data = (NamedValue("CryptoType", "Standard"), NamedValue("OOXPassword", password))
    return {"EncryptionData": uno.Any("[]com.sun.star.beans.NamedValue", data)}


def opened(desktop, path, password, *, writable=False):
    """Load a spreadsheet hidden, without a lock file, without macros and without asking anybody."""
    options = {"Hidden": True, "ReadOnly": not writable, "MacroExecutionMode": 0, "UpdateDocMode": 0}
    if password is not None:
        options["Password"] = password
    document = desktop.loadComponentFromURL(Path(path).as_uri(), "_blank", 0, properties(**options))
    if document is None or not document.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
        if document is not None:
            document.close(True)
        raise ValueError(f"LibreOffice can't open {path} as a spreadsheet")
    return document


def table(sheet, formulas):
    """Return a sheet's used area as [first row, first column, rows]; an error is the text it shows."""
    cursor = sheet.createCursor()
    cursor.gotoStartOfUsedArea(False)
    cursor.gotoEndOfUsedArea(True)
    area = cursor.RangeAddress
    rows = []
    for first in range(area.StartRow, area.EndRow + 1, BATCH):
        last = min(first + BATCH - 1, area.EndRow)
        part = sheet.getCellRangeByPosition(area.StartColumn, first, area.EndColumn, last)
        rows += [list(row) for row in (part.getFormulaArray() if formulas else part.getDataArray())]
    if not formulas:
        # getDataArray gives nothing for an error
        for wrong in cursor.queryFormulaCells(ERROR).RangeAddresses:
            for row in range(wrong.StartRow, wrong.EndRow + 1):
                for column in range(wrong.StartColumn, wrong.EndColumn + 1):
                    text = sheet.getCellByPosition(column, row).String
                    rows[row - area.StartRow][column - area.StartColumn] = text
    return [area.StartRow, area.StartColumn, rows]


def notes(sheet):
    """Return a sheet's notes as [row, column, text]."""
    return [[n.Position.Row, n.Position.Column, n.String] for n in sheet.Annotations]


def look(document, sheet, row, column):
    """Return how a cell looks: its fill, its lines' widths in 1/100 mm and colours, its format, and its link."""
    cell = document.Sheets.getByName(sheet).getCellByPosition(column, row)
    lines = {
        side: [line.LineWidth or line.OuterLineWidth, line.Color]
        for side in ("Left", "Right", "Top", "Bottom")
        for line in [getattr(cell, f"{side}Border")]
    }
    fields = cell.TextFields
    return {
        "fill": cell.CellBackColor,
        "lines": lines,
        "format": document.NumberFormats.getByKey(cell.NumberFormat).FormatString,
        "bold": cell.CharWeight > 100,
        "wrapped": cell.IsTextWrapped,
        "links": [fields.getByIndex(number).URL for number in range(fields.Count)],
        "text": cell.String,
    }


def entered(cell, texts):
    """Return for each text typed into a cell how it is shown, its English form, and its error code."""
    out = []
    for text in texts:
        if text.startswith("="):
            cell.FormulaLocal = text
        else:
            cell.Formula = "=" + text
        out.append([cell.FormulaLocal, cell.Formula, cell.getError()])
    return out


def answer(desktop, request):
    """Do what one request asks and return its result."""
    document = opened(desktop, request["path"], request.get("password"), writable=request["do"] == "enter")
    try:
        if request["do"] == "convert":
            target = Path(request["target"])
            options = {"FilterName": FILTERS[target.suffix], "Overwrite": True}
            if target.suffix == ".csv":
                options["FilterOptions"] = "44,34,76,1"  # comma, quote, UTF-8, from the first line
            if request.get("encrypt") is not None:
                options |= encryption(target.suffix, request["encrypt"])
            document.storeToURL(target.as_uri(), properties(**options))
            return str(target)
        if request["do"] == "notes":
            return {sheet.Name: notes(sheet) for sheet in document.Sheets}
        if request["do"] == "looks":
            return [look(document, *place) for place in request["places"]]
        if request["do"] == "charts":
            return {
                sheet.Name: [
                    [[r.StartRow, r.StartColumn, r.EndRow, r.EndColumn] for r in chart.Ranges]
                    for chart in sheet.Charts
                ]
                for sheet in document.Sheets
            }
        if request["do"] == "enter":
            return entered(
                document.Sheets.getByIndex(0).getCellByPosition(*request["cell"]), request["texts"]
            )
        if request["do"] == "recalculate":
            document.calculateAll()  # the hard one (ScDocShell::DoHardRecalc), whatever calculate() skips
        return {sheet.Name: table(sheet, request["do"] == "formulas") for sheet in document.Sheets}
    finally:
        document.close(True)


def leave(office, desktop):
    """End LibreOffice, and this process with it."""
    try:
        desktop.terminate()
        office.wait(10)
    except Exception:
        office.kill()
    # pyuno's bridge may crash or hang when the interpreter takes it down
    sys.stdout.flush()
    os._exit(0)


def main():
    """Answer until stdin ends, then end LibreOffice."""
    office, desktop = start(*sys.argv[1:4])
    print(json.dumps({"ready": office.pid}), flush=True)
    try:
        for line in sys.stdin:
            try:
                reply = {"result": answer(desktop, json.loads(line))}
            except Exception as error:
                reply = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
            print(json.dumps(reply), flush=True)
            if office.poll() is not None:
                break
    finally:
        leave(office, desktop)


if __name__ == "__main__":
    main()
