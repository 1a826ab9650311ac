"""One running LibreOffice for many looks at workbooks. LibreOffice's own Python runs this file, not the tests'.

Standard input is JSON: the program, its profile, and files with steps; standard output the steps' answers, likewise.
"""

import json
import os
import subprocess
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

NUMBER = 1  # com.sun.star.sheet.FormulaResult.VALUE


def main():
    order = json.load(sys.stdin)
    pipe = f"segxl{os.getpid()}"
    command = [order["program"], f"-env:UserInstallation={order['profile']}", "--headless", "--norestore", "--nologo"]
    office = subprocess.Popen(
        [*command, f"--accept=pipe,name={pipe};urp;"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    desktop = None
    try:
        desktop = connect(pipe)
        answers = [with_file(desktop, each["url"], order["as_template"], each["steps"]) for each in order["files"]]
    finally:
        if desktop is not None:
            desktop.terminate()
        try:
            office.wait(30)
        except subprocess.TimeoutExpired:
            office.kill()
    json.dump(answers, sys.stdout)


def connect(pipe):
    here = uno.getComponentContext()
    resolver = here.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", here)
    until = time.monotonic() + 60
    while True:
        try:
            there = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return there.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", there)
        except NoConnectException:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def with_file(desktop, url, as_template, steps):
    macros = PropertyValue(Name="MacroExecutionMode", Value=4)  # always, without a warning
    template = PropertyValue(Name="AsTemplate", Value=as_template)
    document = desktop.loadComponentFromURL(url, "_blank", 0, (macros, template))
    try:
        return [STEPS[step[0]](document, *step[1:]) for step in steps]
    finally:
        document.close(True)


def insert_sheet(document, name):
    document.Sheets.insertNewByName(name, document.Sheets.Count)


def put(document, sheet, cell, text):
    document.Sheets.getByName(sheet).getCellRangeByName(cell).String = text


def text(document, sheet, cell):
    return document.Sheets.getByName(sheet).getCellRangeByName(cell).String


def formula(document, sheet, cells, text):
    """A formula in a cell, or one that fills all of several cells (Ctrl+Shift+Enter)."""
    area = document.Sheets.getByName(sheet).getCellRangeByName(cells)
    if ":" in cells:
        area.setArrayFormula(text)
    else:
        area.setFormula(text)


def value(document, sheet, cell):
    """A cell's number or text; the errors that VBA makes are texts here, "Error 2042" for #N/A."""
    found = document.Sheets.getByName(sheet).getCellRangeByName(cell)
    return found.Value if found.FormulaResultType2 == NUMBER else found.String


def run(document, module, procedure):
    script = document.getScriptProvider().getScript(
        f"vnd.sun.star.script:VBAProject.{module}.{procedure}?language=Basic&location=document"
    )
    try:
        return script.invoke((), (), ())[0]
    except Exception as error:  # whatever it is, the test tells
        return f"failed: {error}"


def modules(document):
    return sorted(document.BasicLibraries.getByName("VBAProject").ElementNames)


def sheets(document):
    return list(document.Sheets.ElementNames)


def buttons(document, sheet):
    """Each button: caption, left, top, width, height in 1/100 mm, and the script that a press calls."""
    page = document.Sheets.getByName(sheet).DrawPage
    found = []
    for form in (page.Forms.getByIndex(index) for index in range(page.Forms.Count)):
        for index in range(form.Count):
            scripts = [event.ScriptCode for event in form.getScriptEvents(index)]
            found.append((form.getByIndex(index), scripts))
    answer = []
    for shape in (page.getByIndex(index) for index in range(page.Count)):
        if shape.ShapeType == "com.sun.star.drawing.ControlShape":
            scripts = next(scripts for model, scripts in found if model == shape.Control)
            place = [shape.Position.X, shape.Position.Y, shape.Size.Width, shape.Size.Height]
            answer.append([shape.Control.Label, *place, scripts])
    return answer


STEPS = {
    "insert_sheet": insert_sheet,
    "put": put,
    "text": text,
    "formula": formula,
    "value": value,
    "run": run,
    "modules": modules,
    "sheets": sheets,
    "buttons": buttons,
}

if __name__ == "__main__":
    main()
