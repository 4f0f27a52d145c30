# my first load test!! dont touch
import json, time, random, os
from loadpilot import LoadClient, VUser
from loadpilot import scenario, task

host = ""
USER_LIST = ['user1', 'user2', "user3"]
i = 0
DEBUG = True
errors = []
results = {'ok': 0, 'fail': 0}

def log(msg, *stuff):
    if DEBUG == True:
        print("[LOG] " + str(msg), stuff if len(stuff) > 0 else '')

def get_user():
    global i
    u = USER_LIST[i]
    i = i + 1
    if i >= len(USER_LIST): i = 0
    return u

@scenario(rps = 10, duration = '1m')
class myTest(VUser):

    token = ''
    list = []

    def on_start(self, client):
        self.user = get_user()
        res = client.post(host + '/auth/login', json = {'user': self.user, 'pass': 'p' + str(123)}, headers = {'Content-type': 'application/json'})
        if res.status_code == 200:
            self.token = 'Bearer ' + res.json()['access_token']
            log('login ok', self.user, res.status_code)
        else:
            log('login FAILED')

    @task
    def test_1_products(self, client):
        r = client.get(host + '/api/products?size=' + str(10) + '&sort=' + 'name')
        data = json.loads(r.text)
        x = 0
        while x < len(data):
            p = data[x]
            if p['stock'] == 0: x += 1; continue
            self.list.append(p['id'])
            x += 1
        else:
            log('loop done', x)
        log("found %s products: %s" % (len(self.list), self.list))
        results['ok'] += 1

    def check_test_1_products(self, status_code, body):
        if status_code != 200: raise Exception('status is ' + str(status_code))
        for p in body:
            if not p['tags']:
                raise Exception("product " + p['id'] + " without tags")

    @task
    def test_2_cart(self, client):
        for id in self.list[:2]:
            r = client.post(host + '/cart/items', json=dict(id=id, qty=1), headers={'Authorization': self.token})
            try:
                assert r.json()['qty'] == 2, 'wrong qty'
            except:
                results['fail'] += 1
                errors.append((id, r.status_code))
                pass
        del self.list[0]
        log(results, errors[-1], len(errors))
        if type(r.json()) is dict and 'id' in r.json().keys() and r.ok is True: log('yes')
        print('total: ' + results['ok'])

    def on_stop(self, client):
        log('bye', self.user, list(range(2)), [[0] * 2] * 2, not None, 1 if [] else 2)
