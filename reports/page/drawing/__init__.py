"""The building blocks of the pictures. svg: elements · axis_scale: values to pixels, ticks · line_labels: names at line ends."""
