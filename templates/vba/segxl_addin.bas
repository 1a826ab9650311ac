Option Explicit

' Only for the add-in: its buttons work on the workbook in front, and it can insert functions.
'
' This text is the source: edit it here, then run  python -m segxl.excel.input_workbook.build  (ASCII only).

Public Const SETUP_COMMAND As String = "segxl addin install"
Public Const MACROS_ARE_OF As String = "The segxl add-in"
Public Const NEW_MACROS As String = "Run segxl addin install again"

' Excel calls this when the add-in opens, but not on a Mac, where the functions cannot be calculated.
Public Sub Auto_Open()
    If InStr(Application.OperatingSystem, "Macintosh") = 0 Then SegxlDescribeFunctions
End Sub

Public Function PressedWorkbook() As Workbook
    Set PressedWorkbook = ActiveWorkbook
End Function

Public Sub RibbonTabVisible(control As IRibbonControl, ByRef visible)
    visible = True
End Sub

Public Sub InsertFunction()
    Press "insert_function", "starting Insert function"
End Sub

Public Sub RibbonInsertFunction(control As IRibbonControl)
    InsertFunction
End Sub

' Python asks by this function on Windows: Excel's own box for a question takes only 255 characters. "" if declined.
Public Function AskInExcel(ByVal question As String, ByVal title As String, ByVal suggested As String) As String
    AskInExcel = InputBox(question, title, suggested)
End Function
