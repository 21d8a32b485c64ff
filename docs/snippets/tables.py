import leakcheck

report = leakcheck.audit(**leakcheck.simulate.demo_inputs())

verdict = report.verdict.query("target == 'C01' and baseline == 'average-activity'")
columns = ["model", "model_value", "baseline_value", "skill", "verdict", "flag", "specificity"]
print(verdict[columns].round(3).to_string(index=False))
