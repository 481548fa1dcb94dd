using System.Text;
using KernelPolicy.Cli;
using KernelPolicy.Cli.Ranks;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
using Interruption interruption = new(RankedProcess.Speaks ? Console.Error : TextWriter.Null);
return CommandLineTool.Run(args, Console.Out, Console.Error, interruption.Token);
