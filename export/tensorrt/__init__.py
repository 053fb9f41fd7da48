"""Native TensorRT engines: built on the machine that will run them, proved on the golden faces."""
