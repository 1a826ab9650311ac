Option Explicit

' The worksheet functions of segxl: each asks Python and makes Excel's own errors of "#N/A" and "#VALUE!".
'
' Made by  python -m segxl.excel.functions.build  of segxl/excel/functions/functions.py; change it there (ASCII only).

Function SEGXL_DATASET(Optional source, Optional settings, Optional refresh)
    If SegxlInWizard() Then Exit Function
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_DATASET = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_DATASET", _
        Array(source, settings, refresh, SegxlFormulaCell(), Nothing), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_DATASET = SegxlFailure(Err.Description)
End Function

Function SEGXL_METRIC(dataset, metric, Optional segment, Optional period, Optional view, Optional item)
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_METRIC = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_METRIC", _
        Array(dataset, metric, segment, period, view, item, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_METRIC = SegxlFailure(Err.Description)
End Function

Function SEGXL_WHY(cell)
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_WHY = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_WHY", _
        Array(cell), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_WHY = SegxlFailure(Err.Description)
End Function

Function SEGXL_METRICS(Optional details)
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_METRICS = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_METRICS", _
        Array(details, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_METRICS = SegxlFailure(Err.Description)
End Function

Function SEGXL_SEGMENTS(dataset)
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_SEGMENTS = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_SEGMENTS", _
        Array(dataset, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_SEGMENTS = SegxlFailure(Err.Description)
End Function

Function SEGXL_VIEWS(metric, Optional details)
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_VIEWS = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_VIEWS", _
        Array(metric, details, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_VIEWS = SegxlFailure(Err.Description)
End Function

Function SEGXL_SCORECARD(dataset, Optional segment, Optional period, Optional headers)
    If SegxlInWizard() Then Exit Function
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_SCORECARD = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_SCORECARD", _
        Array(dataset, segment, period, headers, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_SCORECARD = SegxlFailure(Err.Description)
End Function

Function SEGXL_SUMMARY(dataset, Optional segments, Optional analysis, Optional baseline, Optional cohort, Optional kind, Optional product_category, Optional exclude_zero, Optional exclude_irrelevant, Optional headers)
    If SegxlInWizard() Then Exit Function
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_SUMMARY = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_SUMMARY", _
        Array(dataset, segments, analysis, baseline, cohort, kind, product_category, exclude_zero, _
        exclude_irrelevant, headers, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_SUMMARY = SegxlFailure(Err.Description)
End Function

Function SEGXL_PERFORMANCE(dataset, Optional segments, Optional analysis, Optional baseline, Optional cohort, Optional kind, Optional product_category, Optional exclude_zero, Optional exclude_irrelevant, Optional headers)
    If SegxlInWizard() Then Exit Function
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_PERFORMANCE = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_PERFORMANCE", _
        Array(dataset, segments, analysis, baseline, cohort, kind, product_category, exclude_zero, _
        exclude_irrelevant, headers, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_PERFORMANCE = SegxlFailure(Err.Description)
End Function

Function SEGXL_MOVEMENT(dataset, Optional segments, Optional analysis, Optional baseline, Optional cohort, Optional kind, Optional product_category, Optional exclude_zero, Optional exclude_irrelevant, Optional headers)
    If SegxlInWizard() Then Exit Function
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_MOVEMENT = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_MOVEMENT", _
        Array(dataset, segments, analysis, baseline, cohort, kind, product_category, exclude_zero, _
        exclude_irrelevant, headers, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_MOVEMENT = SegxlFailure(Err.Description)
End Function

Function SEGXL_ACTIVITIES(dataset, Optional segments, Optional analysis, Optional baseline, Optional cohort, Optional kind, Optional product_category, Optional exclude_zero, Optional exclude_irrelevant, Optional headers)
    If SegxlInWizard() Then Exit Function
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_ACTIVITIES = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_ACTIVITIES", _
        Array(dataset, segments, analysis, baseline, cohort, kind, product_category, exclude_zero, _
        exclude_irrelevant, headers, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_ACTIVITIES = SegxlFailure(Err.Description)
End Function

Function SEGXL_ACCOUNTS(dataset, Optional segments, Optional analysis, Optional baseline, Optional cohort, Optional kind, Optional product_category, Optional exclude_zero, Optional exclude_irrelevant, Optional part, Optional cell, Optional headers)
    If SegxlInWizard() Then Exit Function
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_ACCOUNTS = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_ACCOUNTS", _
        Array(dataset, segments, analysis, baseline, cohort, kind, product_category, exclude_zero, _
        exclude_irrelevant, part, cell, headers, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_ACCOUNTS = SegxlFailure(Err.Description)
End Function

Function SEGXL_HIGHEST_STAGE(stages)
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_HIGHEST_STAGE = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_HIGHEST_STAGE", _
        Array(stages, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_HIGHEST_STAGE = SegxlFailure(Err.Description)
End Function

Function SEGXL_STAGE_MOVEMENT(baseline, analysis)
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_STAGE_MOVEMENT = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_STAGE_MOVEMENT", _
        Array(baseline, analysis, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_STAGE_MOVEMENT = SegxlFailure(Err.Description)
End Function

Function SEGXL_ENGAGEMENT_STATE(intent, Optional anonymous, Optional known, Optional opened, Optional won)
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_ENGAGEMENT_STATE = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_ENGAGEMENT_STATE", _
        Array(intent, anonymous, known, opened, won, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_ENGAGEMENT_STATE = SegxlFailure(Err.Description)
End Function

Function SEGXL_WIN_RATE(won, lost)
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_WIN_RATE = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_WIN_RATE", _
        Array(won, lost, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_WIN_RATE = SegxlFailure(Err.Description)
End Function

Function SEGXL_CONVERSION_RATE(converted, rejected)
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_CONVERSION_RATE = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_CONVERSION_RATE", _
        Array(converted, rejected, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_CONVERSION_RATE = SegxlFailure(Err.Description)
End Function

Function SEGXL_AVERAGE_DEAL_SIZE(revenue, won)
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_AVERAGE_DEAL_SIZE = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_AVERAGE_DEAL_SIZE", _
        Array(revenue, won, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_AVERAGE_DEAL_SIZE = SegxlFailure(Err.Description)
End Function

Function SEGXL_COST_PER_SQO(cost, sqos)
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_COST_PER_SQO = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_COST_PER_SQO", _
        Array(cost, sqos, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_COST_PER_SQO = SegxlFailure(Err.Description)
End Function

Function SEGXL_NRR(opening, Optional expansion, Optional churn, Optional contraction)
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_NRR = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_NRR", _
        Array(opening, expansion, churn, contraction, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_NRR = SegxlFailure(Err.Description)
End Function

Function SEGXL_MARKET_SHARE(mrr, market)
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_MARKET_SHARE = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_MARKET_SHARE", _
        Array(mrr, market, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_MARKET_SHARE = SegxlFailure(Err.Description)
End Function

Function SEGXL_CHANGE(current, base_value)
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_CHANGE = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_CHANGE", _
        Array(current, base_value, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_CHANGE = SegxlFailure(Err.Description)
End Function

Function SEGXL_CHANGE_PERCENT(current, base_value)
    If SegxlInCell() Then On Error GoTo failed
    SEGXL_CHANGE_PERCENT = SegxlResult(XLPy.CallUDF("segxl.excel.functions", "SEGXL_CHANGE_PERCENT", _
        Array(current, base_value, SegxlFormulaCell()), _
        ThisWorkbook, Application.Caller))
    Exit Function
failed:
    SEGXL_CHANGE_PERCENT = SegxlFailure(Err.Description)
End Function


' What Python gave, with errors for their texts; single values, rows and tables.
Private Function SegxlResult(ByVal found As Variant) As Variant
    Dim row As Long, column As Long, last As Long
    If Not IsArray(found) Then
        SegxlResult = SegxlValue(found)
        Exit Function
    End If
    last = SegxlLastColumn(found)
    For row = LBound(found, 1) To UBound(found, 1)
        If last = -1 Then
            found(row) = SegxlValue(found(row))
        Else
            For column = LBound(found, 2) To last
                found(row, column) = SegxlValue(found(row, column))
            Next column
        End If
    Next row
    SegxlResult = found
End Function

Private Function SegxlValue(ByVal found As Variant) As Variant
    SegxlValue = found
    If VarType(found) = vbString Then
        If found = "#N/A" Then SegxlValue = CVErr(2042)
        If found = "#VALUE!" Then SegxlValue = CVErr(2015)
    End If
End Function

' The last column of a table; -1 of a single row, which has one dimension.
Private Function SegxlLastColumn(ByRef found As Variant) As Long
    SegxlLastColumn = -1
    On Error Resume Next
    SegxlLastColumn = UBound(found, 2)
End Function

' One line for a cell where Python did not answer.
Private Function SegxlFailure(ByVal description As String) As String
    Dim lines() As String, at As Long
    lines = Split(Replace(description, vbCr, ""), vbLf)
    SegxlFailure = description
    For at = UBound(lines) To LBound(lines) Step -1
        If Trim(lines(at)) <> "" Then
            SegxlFailure = Trim(lines(at))
            If InStr(description, "Traceback") > 0 Then Exit For
        End If
    Next at
    SegxlFailure = "segxl could not start: " & SegxlFailure & ". Open a terminal and run: segxl doctor"
End Function

' The cell with the formula, as [workbook]sheet!address; "" in a macro.
Private Function SegxlFormulaCell() As String
    If SegxlInCell() Then
        With Application.Caller
            SegxlFormulaCell = "[" & .Worksheet.Parent.Name & "]" & .Worksheet.Name & "!" & .Address
        End With
    End If
End Function

' Whether a cell asks, and no macro.
Private Function SegxlInCell() As Boolean
    On Error Resume Next
    SegxlInCell = (TypeName(Application.Caller) = "Range")
End Function

' Whether the function wizard is open; it would call a function at every key.
Private Function SegxlInWizard() As Boolean
    On Error Resume Next
    SegxlInWizard = Not Application.CommandBars("Standard").Controls(1).Enabled
End Function

' Fills in the function wizard: call it when the workbook or the add-in opens.
Public Sub SegxlDescribeFunctions()
    On Error Resume Next  ' Excel describes no functions of a hidden workbook while no other is open
    SegxlDescribe "SEGXL_DATASET", "Read data once and give the handle that the other functions take: a text that changes when the data do.", _
        Array( _
        "A folder with segxl.toml, or an input workbook. A path that is not full starts at this workbook's folder. Blank: the tables of this workbook.", _
        "Two columns that change settings: keys as on the sheet Settings, such as toggles.membership or as_of, and values.", _
        "Any cell: when it changes, the data are read again.")
    SegxlDescribe "SEGXL_METRIC", "Give a number of the scorecard; or a table of them: metrics down, periods across, any argument a range. Percentages are fractions. #N/A: no number is available; SEGXL_WHY says why.", _
        Array( _
        "A cell with SEGXL_DATASET.", _
        "Keys of metrics, such as won_revenue; SEGXL_METRICS lists them.", _
        "Segments, in any case. Blank: All accounts.", _
        "Months or fiscal quarters: 2026-10, Oct 2026, a date in the month, 2026-Q3, FY26 Q3. Blank: the latest month.", _
        "Views, such as mom, yoy_percent, trailing_12, by_geo or plan; SEGXL_VIEWS lists a metric's. Blank: the total.", _
        "Items of a view with items, such as a geo, a stage or a reason.")
    SegxlDescribe "SEGXL_WHY", "Say why a cell shows #N/A or #VALUE!, or is blank. Of a dataset's handle: the warnings that can change its numbers, one a row.", _
        Array( _
        "A cell with a segxl formula, or one that a table spilled into; or a dataset's handle.")
    SegxlDescribe "SEGXL_METRICS", "List the keys of all metrics, for a dropdown.", _
        Array( _
        "TRUE adds names, areas, units, favourable directions and definitions, with headers.")
    SegxlDescribe "SEGXL_SEGMENTS", "List the segments of a dataset, All accounts first, for a dropdown.", _
        Array( _
        "A cell with SEGXL_DATASET.")
    SegxlDescribe "SEGXL_VIEWS", "List the views of a metric, for a dropdown. Behind mom, qoq and yoy, _percent and _base pick the percentage and the base.", _
        Array( _
        "The key of a metric.", _
        "TRUE adds what each line is called, with headers.")
    SegxlDescribe "SEGXL_SCORECARD", "Give the whole scorecard of a segment, with comparisons, 12 months and plan.", _
        Array( _
        "A cell with SEGXL_DATASET.", _
        "A segment, in any case. Blank: All accounts.", _
        "A month or a fiscal quarter: 2026-10, Oct 2026, a date, 2026-Q3. Blank: the latest month.", _
        "FALSE gives no header row. Blank: TRUE.")
    SegxlDescribe "SEGXL_SUMMARY", "Give the summary of the segment performance report: accounts, increases, new pipeline, won.", _
        Array( _
        "A cell with SEGXL_DATASET.", _
        "One segment, or a range of them: accounts in any of them, each once. Blank: All accounts.", _
        "The later timeframe: 2026-10, Oct 2026, a date, 2026-Q3, 2026-07..2026-09 or 2026-W41; or the name of a timeframe, or month, range or week for the latest. Blank: the latest month.", _
        "The earlier timeframe. Blank: the one before the analysis, of the same length.", _
        "When accounts must be in the segments: today, baseline or analysis. Blank: as the settings say.", _
        "buying-stage or engagement. Blank: as the settings say.", _
        "Only this product category. Blank: as the settings say.", _
        "TRUE excludes opportunities without an amount. Blank: as the settings say.", _
        "TRUE excludes irrelevant opportunities. Blank: as the settings say.", _
        "FALSE gives no header row. Blank: TRUE.")
    SegxlDescribe "SEGXL_PERFORMANCE", "Give the report's cohort performance: accounts by buying stage or engagement state, with pipeline and won.", _
        Array( _
        "A cell with SEGXL_DATASET.", _
        "One segment, or a range of them: accounts in any of them, each once. Blank: All accounts.", _
        "The later timeframe: 2026-10, Oct 2026, a date, 2026-Q3, 2026-07..2026-09 or 2026-W41; or the name of a timeframe, or month, range or week for the latest. Blank: the latest month.", _
        "The earlier timeframe. Blank: the one before the analysis, of the same length.", _
        "When accounts must be in the segments: today, baseline or analysis. Blank: as the settings say.", _
        "buying-stage or engagement. Blank: as the settings say.", _
        "Only this product category. Blank: as the settings say.", _
        "TRUE excludes opportunities without an amount. Blank: as the settings say.", _
        "TRUE excludes irrelevant opportunities. Blank: as the settings say.", _
        "FALSE gives no header row. Blank: TRUE.")
    SegxlDescribe "SEGXL_MOVEMENT", "Give the report's cohort movement: accounts by highest state in the baseline (rows) and analysis (columns).", _
        Array( _
        "A cell with SEGXL_DATASET.", _
        "One segment, or a range of them: accounts in any of them, each once. Blank: All accounts.", _
        "The later timeframe: 2026-10, Oct 2026, a date, 2026-Q3, 2026-07..2026-09 or 2026-W41; or the name of a timeframe, or month, range or week for the latest. Blank: the latest month.", _
        "The earlier timeframe. Blank: the one before the analysis, of the same length.", _
        "When accounts must be in the segments: today, baseline or analysis. Blank: as the settings say.", _
        "buying-stage or engagement. Blank: as the settings say.", _
        "Only this product category. Blank: as the settings say.", _
        "TRUE excludes opportunities without an amount. Blank: as the settings say.", _
        "TRUE excludes irrelevant opportunities. Blank: as the settings say.", _
        "FALSE gives no header row. Blank: TRUE.")
    SegxlDescribe "SEGXL_ACTIVITIES", "Give the report's activities by source: accounts in both timeframes, and the pipeline and won they influenced.", _
        Array( _
        "A cell with SEGXL_DATASET.", _
        "One segment, or a range of them: accounts in any of them, each once. Blank: All accounts.", _
        "The later timeframe: 2026-10, Oct 2026, a date, 2026-Q3, 2026-07..2026-09 or 2026-W41; or the name of a timeframe, or month, range or week for the latest. Blank: the latest month.", _
        "The earlier timeframe. Blank: the one before the analysis, of the same length.", _
        "When accounts must be in the segments: today, baseline or analysis. Blank: as the settings say.", _
        "buying-stage or engagement. Blank: as the settings say.", _
        "Only this product category. Blank: as the settings say.", _
        "TRUE excludes opportunities without an amount. Blank: as the settings say.", _
        "TRUE excludes irrelevant opportunities. Blank: as the settings say.", _
        "FALSE gives no header row. Blank: TRUE.")
    SegxlDescribe "SEGXL_ACCOUNTS", "List the accounts behind one count of the report: name, geo, team, states, pipeline, won, last activity.", _
        Array( _
        "A cell with SEGXL_DATASET.", _
        "One segment, or a range of them: accounts in any of them, each once. Blank: All accounts.", _
        "The later timeframe: 2026-10, Oct 2026, a date, 2026-Q3, 2026-07..2026-09 or 2026-W41; or the name of a timeframe, or month, range or week for the latest. Blank: the latest month.", _
        "The earlier timeframe. Blank: the one before the analysis, of the same length.", _
        "When accounts must be in the segments: today, baseline or analysis. Blank: as the settings say.", _
        "buying-stage or engagement. Blank: as the settings say.", _
        "Only this product category. Blank: as the settings say.", _
        "TRUE excludes opportunities without an amount. Blank: as the settings say.", _
        "TRUE excludes irrelevant opportunities. Blank: as the settings say.", _
        "Part of the report: summary, performance, movement, activities, stages_over_time or states_over_time.", _
        "The count in that part: total_accounts; Decision; Target,Decision (from, to); Webinars,baseline.", _
        "FALSE gives no header row. Blank: TRUE.")
    SegxlDescribe "SEGXL_HIGHEST_STAGE", "Give the highest buying stage of a range: Target < Awareness < Consideration < Decision < Purchase.", _
        Array( _
        "Buying stages; blank cells do not count.")
    SegxlDescribe "SEGXL_STAGE_MOVEMENT", "Say for each account whether its buying stage went Up, Down or stayed the Same.", _
        Array( _
        "Buying stages before; blank is No stage.", _
        "Buying stages after; blank is No stage.")
    SegxlDescribe "SEGXL_ENGAGEMENT_STATE", "Give the highest engagement state of each account.", _
        Array( _
        "Whether there was intent: TRUE or FALSE, or how often.", _
        "Whether there was an anonymous website visit.", _
        "Whether there was known engagement.", _
        "Whether an opportunity was created.", _
        "Whether an opportunity was won.")
    SegxlDescribe "SEGXL_WIN_RATE", "Give won / (won + lost); #N/A if both are zero.", _
        Array( _
        "Won opportunities, or won revenue. Blank: 0.", _
        "Lost opportunities, or lost revenue. Blank: 0.")
    SegxlDescribe "SEGXL_CONVERSION_RATE", "Give converted / (converted + rejected); #N/A if both are zero.", _
        Array( _
        "Leads converted in the period. Blank: 0.", _
        "Leads rejected in the period. Blank: 0.")
    SegxlDescribe "SEGXL_AVERAGE_DEAL_SIZE", "Give revenue / won; #N/A if nothing was won.", _
        Array( _
        "Won revenue. Blank: 0.", _
        "Won opportunities, those without an amount included. Blank: 0.")
    SegxlDescribe "SEGXL_COST_PER_SQO", "Give cost / SQOs; #N/A without SQOs.", _
        Array( _
        "Acquisition cost plus qualifying labor. Blank: 0.", _
        "Sales qualified opportunities. Blank: 0.")
    SegxlDescribe "SEGXL_NRR", "Give net revenue retention: (opening + expansion - churn - contraction) / opening; #N/A if opening is zero.", _
        Array( _
        "MRR of the customers before the period.", _
        "MRR added by those customers. Blank: 0.", _
        "MRR of those that cancelled, as a positive number. Blank: 0.", _
        "MRR lost by downgrades, as a positive number. Blank: 0.")
    SegxlDescribe "SEGXL_MARKET_SHARE", "Give MRR x 12 / the market's yearly revenue; #N/A if the market is zero.", _
        Array( _
        "Opening MRR. Blank: 0.", _
        "The market's revenue in the calendar year. Blank: 0.")
    SegxlDescribe "SEGXL_CHANGE", "Give current - base_value; #N/A if one of them is missing. For rates, this is in percentage points.", _
        Array( _
        "The number of this period.", _
        "The number that it is compared with. Blank: there is none, #N/A.")
    SegxlDescribe "SEGXL_CHANGE_PERCENT", "Give (current - base_value) / base_value as a fraction; #N/A if one is missing, or if the base value is zero or negative (N/M).", _
        Array( _
        "The number of this period.", _
        "The number that it is compared with. Blank: there is none, #N/A.")
End Sub

Private Sub SegxlDescribe(ByVal name As String, ByVal description As String, ByVal arguments As Variant)
    Application.MacroOptions Macro:="'" & ThisWorkbook.Name & "'!" & name, Description:=description, _
        Category:="segxl", ArgumentDescriptions:=arguments
End Sub
