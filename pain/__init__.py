"""The vocabulary of painwatch: values, scales, formulas and contracts that every room shares."""
