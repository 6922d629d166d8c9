"""Work on the files of tables, handed to short-lived processes: the part that the serving process loads. Loads no table library itself."""
