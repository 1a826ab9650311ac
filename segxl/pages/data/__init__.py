"""The data sheets of a pack, one row a record, and the formulas that add them up."""
