class Flow:
    def on_start(self):
        self.token = self.login({"user": "x"})

    def login(self, body):
        return body["user"] + body["missing"]["deep"]


def main():
    flow = Flow()
    value = [flow.on_start() for _ in range(1)]


if __name__ == "__main__":
    main()
