"""What devices and the site say to each other: values, without I/O."""
