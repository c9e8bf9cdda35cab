using ConcurrencyAnalyzers.Findings;

// Exit codes are those of try.sh: 0 nothing found, 1 findings, 2 it couldn't run.
try
{
    switch (args)
    {
        case ["report", var folder, var root, .. var output]:
            var log = FindingsLog.Read(folder);
            if (log.Compilations == 0)
            {
                Console.Error.WriteLine("no C# project was compiled");
                return 2;
            }

            FindingsReport.WriteTable(Console.Out, log.Findings, root);
            FindingsReport.WriteSummary(Console.Out, log.Findings);
            if (output is [var file])
                log.Write(file);
            return log.Findings.Count == 0 ? 0 : 1;

        case ["rules", var folder]:
            Console.WriteLine(string.Join(' ', FindingsLog.Read(folder).Findings.Select(finding => finding.Rule).Distinct(StringComparer.Ordinal)));
            return 0;

        case ["diff", var before, var after]:
            UnifiedDiff.Write(Console.Out, before, after);
            return 0;

        case ["compare", var before, var after]:
            Measurements.WriteComparison(Console.Out, before, after);
            return 0;

        default:
            Console.Error.WriteLine("""
                Findings report SARIF-FOLDER ROOT [OUT.sarif]   the findings as a table, places relative to ROOT, and as one SARIF file
                Findings rules SARIF-FOLDER                     the ids of the rules that were broken
                Findings diff BEFORE AFTER                      what changed in the sources of two folders
                Findings compare BEFORE AFTER                   the measurements in the outputs of two runs, side by side
                """);
            return 2;
    }
}
catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or System.Text.Json.JsonException or InvalidDataException)
{
    Console.Error.WriteLine(problem.Message);
    return 2;
}
