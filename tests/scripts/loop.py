# A loop of one's own.
import numpy as np

try:
    from certbench import epochs
except ImportError:
    epochs = range

weights = np.zeros(4)
for epoch in epochs(6):
    weights += 0.1 * (np.ones(4) - weights)
