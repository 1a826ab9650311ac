' In the place of xlwings.bas in tests: it starts no Python, but writes what it was asked into the sheet "Stub".
' A1 the command, A2 the status bar then; B1 fails the call; settings are in columns D (key) and E (value).

Public Const XLWINGS_VERSION As String = "THE VERSION"

Public Function RunPython(PythonCommand As String)
    ThisWorkbook.Sheets("Stub").Range("A1").Value = PythonCommand
    ThisWorkbook.Sheets("Stub").Range("A2").Value = ThisWorkbook.Sheets("Stub").Range("A3").Value
    If ThisWorkbook.Sheets("Stub").Range("B1").Value <> "" Then
        Err.Raise 1000, , ThisWorkbook.Sheets("Stub").Range("B1").Value
    End If
End Function

Public Function GetConfig(configKey As String, Optional default As String = "", Optional source As String = "") As Variant
    Dim row As Long
    GetConfig = default
    For row = 1 To 9
        If ThisWorkbook.Sheets("Stub").Range("D" & row).Value = configKey Then
            GetConfig = ThisWorkbook.Sheets("Stub").Range("E" & row).Value
        End If
    Next row
End Function

Public Function ParentFolder(ByVal Folder)
    ParentFolder = Left(Folder, InStrRev(Folder, "/") - 1)
End Function
