from collections import ChainMap
import collections
# ChainMap
cm = ChainMap({"a": 1}, {"a": 2, "b": 3})
print(cm["a"], cm["b"], len(cm), sorted(cm), "b" in cm, cm.get("zz", 0), cm.maps, dict(cm), cm)
cm["b"] = 9
child = cm.new_child({"c": 0})
print(cm.maps, child["c"], child["a"], child.parents == cm, child.parents.maps, list(cm.items()), list(cm.keys()), list(cm.values()), cm.pop("b"), cm["b"], bool(ChainMap()), cm == {"a": 1, "b": 3})
del cm["a"]
print(cm["a"], cm.new_child(x=1)["x"], ChainMap().maps, list(cm), isinstance(cm, ChainMap))
cm.update({"k": 1})
print(cm.maps, cm.setdefault("k", 5), cm.setdefault("j", 6), cm.popitem(), cm.copy().maps, (cm | {"z": 1}).maps)
cm.clear()
print(cm.maps, collections.ChainMap is ChainMap)
