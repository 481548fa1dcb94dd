KernelPolicy.Cli.Plots.LearningCurve c = new([(1,.1263),(2,.1307),(3,.1333),(4,.1374),(5,.1410),(6,.1457)]){ Initial=.1129, Popularity=.041, BestPossible=.31, Subtitle="exact gradient, 40,981 items, L = 64, Θ₀ = identity"};
KernelPolicy.Cli.Plots.LearningCurvePlot.Save(c, args[0]);
KernelPolicy.Cli.Plots.LearningCurvePlot.Save(c, Path.ChangeExtension(args[0], ".svg"));
return 0;
