"""PyTorch to one ONNX graph and a bundle."""
