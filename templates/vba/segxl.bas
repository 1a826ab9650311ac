Option Explicit

' The buttons of the segxl workbook and of the add-in. Each checks that Python can be started, announces its work in the
' status bar, and calls one function of segxl.excel.buttons.macros, which works and reports. It calls the function by
' the fixed name segxl.excel.macros, because workbooks in use call it. Differences between workbook and add-in are in
' segxl_workbook.bas and segxl_addin.bas. segxl/excel/buttons/buttons.py lists what a new button touches.
'
' Nothing here waits for the end: Excel for Windows waits until Python is done, Excel for Mac continues at once.
'
' This text is the source: edit it here, then run  python -m segxl.excel.input_workbook.build  (ASCII only).

Public Sub ImportExports()
    Press "import_exports", "starting the file dialog"
End Sub

Public Sub ClearExamples()
    Press "clear_examples", "clearing the example rows"
End Sub

Public Sub CheckData()
    Press "check_data", "checking the data"
End Sub

Public Sub BuildScorecard()
    Press "build_scorecard", "building the scorecard"
End Sub

Public Sub RunSegmentReport()
    Press "run_report", "running the segment performance report"
End Sub

Public Sub PublishPacks()
    If PressedPath() = "" Then  ' the packs are written beside the workbook
        Tell "Save the workbook first: the packs are saved next to it."
    Else
        Press "publish_packs", "publishing the packs"
    End If
End Sub

Public Sub ExplainThisNumber()
    Press "explain_number", "explaining the selected number"
End Sub

Public Sub ShowHelp()
    Press "show_help", "opening the help"
End Sub


' --- called by the ribbon ---

Public Sub RibbonImportExports(control As IRibbonControl)
    ImportExports
End Sub

Public Sub RibbonClearExamples(control As IRibbonControl)
    ClearExamples
End Sub

Public Sub RibbonCheckData(control As IRibbonControl)
    CheckData
End Sub

Public Sub RibbonBuildScorecard(control As IRibbonControl)
    BuildScorecard
End Sub

Public Sub RibbonRunSegmentReport(control As IRibbonControl)
    RunSegmentReport
End Sub

Public Sub RibbonPublishPacks(control As IRibbonControl)
    PublishPacks
End Sub

Public Sub RibbonExplainThisNumber(control As IRibbonControl)
    ExplainThisNumber
End Sub

Public Sub RibbonShowHelp(control As IRibbonControl)
    ShowHelp
End Sub


' --- shared by all buttons ---

Public Sub Press(ByVal pythonFunction As String, ByVal doing As String)
    Dim wrong As String, status As String
    On Error GoTo Failed

    wrong = WhatIsWrong()
    If wrong <> "" Then
        Tell wrong
        Exit Sub
    End If

    status = "segxl: " & doing & " ..."
    Application.StatusBar = status
    RunPython "from segxl.excel import macros; macros." & pythonFunction & "()"
    ' Python writes its own message to the status bar; if ours is still there, Python failed before. (A Mac is not done
    ' yet, and there xlwings has replaced our message.)
    If CStr(Application.StatusBar) = status Then Application.StatusBar = False
    Exit Sub

Failed:
    wrong = "segxl could not start (" & doing & "): " & Err.Description
    On Error Resume Next
    Application.StatusBar = False
    Tell wrong & vbLf & "Open a terminal and run: segxl doctor"
End Sub

Private Sub Tell(ByVal sentence As String)
    MsgBox sentence, vbExclamation, "segxl"
End Sub

' The folder of the workbook that a button works on; "" if it was never saved. Without a workbook Press says so.
Private Function PressedPath() As String
    PressedPath = "none"
    If Not PressedWorkbook() Is Nothing Then PressedPath = PressedWorkbook().Path
End Function

' The reason why Python cannot start, in one sentence; "" without one. Only files are checked: no Python is started
' and no DLL loaded, so that a mismatch is explained before it happens.
Public Function WhatIsWrong() As String
    Dim interpreter As String, package As String, other As String
    If PressedWorkbook() Is Nothing Then
        WhatIsWrong = "Open a workbook first: the segxl buttons work on the workbook in front"
        Exit Function
    End If

    If IsMac() Then
        interpreter = GetConfig("INTERPRETER_MAC", "")
    Else
        interpreter = GetConfig("INTERPRETER_WIN", "")
    End If

    If interpreter = "" Then
        WhatIsWrong = "segxl is not set up for Excel on this computer. Open a terminal and run " & SETUP_COMMAND
        Exit Function
    End If

    If Not IsMac() Then  ' the sandbox of Excel for Mac sees neither file
        package = GetConfig("SEGXL_PACKAGE", "")
        If Not FileExists(interpreter) Then
            WhatIsWrong = "segxl's Python was not found (" & interpreter & "). Open a terminal and run " _
                & SETUP_COMMAND
            Exit Function
        ElseIf package <> "" Then
            If Not FileExists(package) Then
                WhatIsWrong = "segxl was not found at " & package & ". Reinstall it, then run " & SETUP_COMMAND
                Exit Function
            End If
        End If
    End If

    other = OtherXlwings(interpreter)
    If other <> "" Then
        WhatIsWrong = MACROS_ARE_OF & " needs xlwings " & XLWINGS_VERSION & ", but segxl's Python has xlwings " _
            & other & ". " & NEW_MACROS & ", or run segxl doctor to see what to fix"
    End If
End Function

' The version of xlwings that Python has, if it is not the one of this workbook; "" if it is, or if it is unknown.
Private Function OtherXlwings(ByVal interpreter As String) As String
    Dim other As String
    If Not IsMac() Then  ' where the DLL is: beside Python, or for a virtual environment one folder up
        other = OtherDll(ParentFolder(interpreter))
        If other = "none" Then other = OtherDll(ParentFolder(ParentFolder(interpreter)))
    End If
    If other = "none" Or IsMac() Then  ' then what the setup found
        other = GetConfig("SEGXL_XLWINGS", "")
        If other = XLWINGS_VERSION Then other = ""
    End If
    OtherXlwings = other
End Function

' "" if the folder holds the DLL of this workbook's xlwings, "none" if it holds no such DLL, else the version it has.
Private Function OtherDll(ByVal folder As String) As String
    Dim found As String, version As String
    OtherDll = "none"
    found = Dir(folder & Application.PathSeparator & "xlwings*-*.dll")  ' xlwings64-0.37.8.dll
    Do While found <> ""
        version = Mid(found, InStr(found, "-") + 1)
        version = Left(version, Len(version) - Len(".dll"))
        If version = XLWINGS_VERSION Then
            OtherDll = ""
            Exit Do
        End If
        OtherDll = version
        found = Dir()
    Loop
End Function

Private Function IsMac() As Boolean
    IsMac = InStr(Application.OperatingSystem, "Macintosh") > 0
End Function
