"""What readers meet: notebook helpers, codebook, exports, the main job."""
