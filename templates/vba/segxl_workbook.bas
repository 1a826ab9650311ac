Option Explicit

' Only for a workbook with buttons: they work on the workbook that they are in.
'
' This text is the source: edit it here, then run  python -m segxl.excel.input_workbook.build  (ASCII only).

Public Const SETUP_COMMAND As String = "segxl doctor --write-conf"
Public Const MACROS_ARE_OF As String = "This workbook"
Public Const NEW_MACROS As String = "Create a new workbook with segxl template"

' Excel calls this when the workbook opens, but not on a Mac, where the functions cannot be calculated.
Public Sub Auto_Open()
    If InStr(Application.OperatingSystem, "Macintosh") = 0 Then SegxlDescribeFunctions
End Sub

Public Function PressedWorkbook() As Workbook
    Set PressedWorkbook = ThisWorkbook
End Function

' The ribbon asks whether to show the workbook's tab. With the add-in its own tab is there, with the same buttons.
Public Sub RibbonTabVisible(control As IRibbonControl, ByRef visible)
    visible = Not AddinIsOpen()
End Sub

Public Function AddinIsOpen() As Boolean
    Dim addin As Workbook
    On Error Resume Next
    Set addin = Workbooks("segxl.xlam")
    AddinIsOpen = Not addin Is Nothing
End Function
