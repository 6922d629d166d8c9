"""`python -m headgate.storage.flusher`: runs the flusher process."""

from headgate.storage.flusher.process import main

if __name__ == "__main__":
    main()
