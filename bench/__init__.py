"""What Mallard costs, measured beside other runtimes on the same slow disk. `make bench`; see README.md."""
