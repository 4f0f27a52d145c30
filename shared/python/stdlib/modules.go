package stdlib

import "github.com/loadpilot/loadpilot/shared/python/runtime"

// Host is what the embedding program gives to the modules of one program.
type Host struct {
	Environ map[string]string // os.environ
}

// Factory makes a module for one load of a program.
type Factory func(h Host) *runtime.Module

// Modules are those every program may import. The map is new at each call, so that
// a host can add its own.
func Modules() map[string]Factory {
	return map[string]Factory{
		"asyncio":         newAsyncio,
		"collections":     newCollections,
		"base64":          newBase64,
		"binascii":        newBinascii,
		"bisect":          newBisect,
		"heapq":           newHeapq,
		"csv":             newCSV,
		"dataclasses":     newDataclasses,
		"decimal":         newDecimal,
		"datetime":        newDatetime,
		"hashlib":         newHashlib,
		"hmac":            newHMAC,
		"io":              newIO,
		"abc":             newABC,
		"collections.abc": newCollectionsABC,
		"contextlib":      newContextlib,
		"copy":            newCopy,
		"enum":            newEnum,
		"functools":       newFunctools,
		"itertools":       newItertools,
		"operator":        newOperator,
		"json":            newJSON,
		"logging":         newLogging,
		"math":            newMath,
		"os":              newOS,
		"os.path":         newOSPath,
		"random":          newRandom,
		"secrets":         newSecrets,
		"re":              newRe,
		"string":          newString,
		"statistics":      newStatistics,
		"threading":       newThreading,
		"time":            newTime,
		"typing":          newTyping,
		"traceback":       newTraceback,
		"urllib":          newURLLib, "urllib.parse": newURLParse,
		"uuid": newUUID,
	}
}

// Advice tells what to use instead of names and modules that do not exist here;
// modules, and names within them, stand under "import <name>".
func Advice() map[string]string {
	const (
		noFiles  = `a scenario has no files; for data shipped with the run use loadpilot.data("users.csv")`
		noCode   = "a scenario cannot run code it makes itself"
		noSystem = "a scenario does not see the machine it runs on"
		client   = "use the client that the task is given: client.get(…), client.post(…)"
		load     = "that is what LoadPilot does: declare tasks, and say how many users in the run's options"
		parallel = "users run beside each other already; within a task use client.batch or asyncio.gather"
		logs     = "use logging.basicConfig; log lines go to stderr"
	)
	advice := map[string]string{
		"eval": noCode, "exec": noCode, "compile": noCode,
		"open":       noFiles,
		"input":      "nobody can answer; use os.environ",
		"__import__": "use an import statement",
		"breakpoint": "use print()",
		"globals":    "use a dict of your own",
		"locals":     "use a dict of your own",
		"memoryview": "use bytes",
		"bytearray":  "use bytes, or a list of integers",
		"complex":    "use two floats",
		"exit":       "raise an exception instead",
		"quit":       "raise an exception instead",

		"import sys":    "use os.environ for settings, print() for output, and raise an exception to stop",
		"import pickle": "use json", "import marshal": "use json", "import shelve": noFiles,
		"import configparser": "use os.environ for settings", "import argparse": "use os.environ for settings",
		"import dotenv": "use os.environ: variables are given to the run", "import tomllib": "use json, or a dict in the scenario",
		"import yaml": "use json, or a dict in the scenario", "import toml": "use json, or a dict in the scenario",
		"import xml": "search the text with re, or compare response.text", "import bs4": "search the text with re",
		"import lxml": "search the text with re", "import html": "use response.text and str.replace",
		"import faker": "use random, string and uuid", "import mimesis": "use random, string and uuid",
		"import numpy": "use random and math", "import scipy": "use random and math",
		"import pandas":   "use csv or loadpilot.data for rows, and sum() for sums",
		"import pydantic": "use dataclasses", "import attr": "use dataclasses", "import attrs": "use dataclasses",
		"import jwt":          "sign with hmac, hashlib, base64 and json, or log in through the client and keep the token",
		"import jose":         "sign with hmac, hashlib, base64 and json, or log in through the client and keep the token",
		"import cryptography": "use hashlib, hmac and secrets", "import Crypto": "use hashlib, hmac and secrets", "import bcrypt": "use hashlib.pbkdf2_hmac",
		"import orjson": "use json", "import ujson": "use json", "import simplejson": "use json",
		"import pytz": "use datetime.timezone", "import zoneinfo": "use datetime.timezone", "import dateutil": "use datetime",
		"import queue": "use a list or collections.deque under threading.Lock", "import pytest": "use assert, or a check_<task> method",
		"import unittest": "use assert, or a check_<task> method", "import structlog": logs, "import loguru": logs,
		"import logging.handlers": logs, "import logging.config": logs, "import logging.FileHandler": logs,
		"import io.open": noFiles, "import os.listdir": noFiles, "import os.path.exists": noFiles, "import os.path.isfile": noFiles,
		"import urllib.request": client, "import urllib.error": "failed requests raise the exceptions of httpx",
		"import urllib.robotparser": client,
		"import subprocess":         "a scenario cannot start programs", "import inspect": noCode, "import ast": noCode, "import importlib": noCode, "import code": noCode,
		"import ctypes": noCode, "import gc": "memory is bounded by the run's limits", "import weakref": "use a dict that you clear",
	}
	for text, names := range map[string][]string{
		client: {
			"requests", "urllib3", "aiohttp", "http", "http.client", "socket", "ssl", "websocket", "websockets", "grpc", "pycurl",
			"socketio", "httpcore", "treq", "ftplib", "smtplib", "paramiko", "selenium", "playwright",
		},
		load:     {"locust", "gatling", "molotov", "k6"},
		noFiles:  {"pathlib", "shutil", "tempfile", "glob", "fileinput", "zipfile", "gzip", "tarfile", "openpyxl"},
		noSystem: {"platform", "psutil", "signal", "resource", "atexit", "getpass", "pwd"},
		parallel: {"multiprocessing", "concurrent", "concurrent.futures", "gevent", "eventlet", "trio", "anyio", "celery", "sched"},
		"a scenario talks to the service under test only; prepare data before the run, and ship it: " + `loadpilot.data("users.csv")`: {
			"sqlite3", "redis", "pymongo", "psycopg2", "psycopg", "mysql", "pymysql", "sqlalchemy", "boto3", "botocore", "kafka", "pika",
		},
	} {
		for _, name := range names {
			advice["import "+name] = text
		}
	}
	return advice
}
