// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What a partner was allowed at any time: roles and suspension as an append-only series
/// @notice A standing holds from its `since` up to, not at, the next one's. Of several that begin in the same second
/// the last holds.
library Standings {
    // One slot, so that the current standing, which every seal asks for, is one storage read.
    struct Standing {
        uint64 since;
        uint32 roles;
        bool suspended;
    }

    struct History {
        Standing current;
        Standing[] past;
    }

    /// @notice Begins a standing now. The former one keeps its place in the series.
    function append(History storage self, uint32 roles, bool suspended) internal {
        if (self.current.since != 0) self.past.push(self.current);
        self.current = Standing(uint64(block.timestamp), roles, suspended);
    }

    /// @notice The standing at a time in Unix seconds; no roles before the first.
    function inForce(History storage self, uint64 time) internal view returns (Standing memory) {
        Standing memory current = self.current;
        if (current.since <= time) return current;
        // Invariant of the search: all before `low` began by `time`, all from `high` on began after it.
        uint256 low = 0;
        uint256 high = self.past.length;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (self.past[middle].since <= time) low = middle + 1;
            else high = middle;
        }
        if (low == 0) return Standing(0, 0, false);
        return self.past[low - 1];
    }
}
