def run(user_name):
    return usr_name


run(1)
