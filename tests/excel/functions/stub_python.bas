' In the place of Python in tests: what it gives is in the sheet "Stub", cell B1.

Public Function XLPy() As Object
    Set XLPy = New StubPython
End Function

Public Function PythonGives(name, arguments)
    Dim table(1, 2) As Variant
    Select Case ThisWorkbook.Sheets("Stub").Range("B1").Value
    Case "table"
        table(0, 0) = 1
        table(0, 1) = "#N/A"
        table(0, 2) = "x"
        table(1, 0) = "#VALUE!"
        table(1, 1) = 2.5
        table(1, 2) = ""
        PythonGives = table
    Case "row"
        PythonGives = Array(1, "#N/A", "#VALUE!")
    Case "#N/A", "#VALUE!"
        PythonGives = ThisWorkbook.Sheets("Stub").Range("B1").Value
    Case Else
        PythonGives = name & " " & (UBound(arguments) + 1)
    End Select
End Function
