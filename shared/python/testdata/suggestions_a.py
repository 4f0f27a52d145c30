class Flow:
    def __init__(self):
        self.token = 1


Flow().tokn
