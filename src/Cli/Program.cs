using System.Text;
using KernelPolicy.Cli;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
using Interruption interruption = new(Console.Error);
return CommandLineTool.Run(args, Console.Out, Console.Error, interruption.Token);
