"""What every activation must give, worked out with mpmath and independently of the library."""
