package io.waitdaemon.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waitdaemon.runtime.EngineException;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who runs as what? As containerd's own client decides it (oci.WithUser and oci.WithAdditionalGIDs, 1.6 to 2.1). */
class ImageUserTest {

    private static final Map<String, String> FILES = Map.of("etc/passwd", """
            root:x:0:0:root:/root:/bin/sh
            # a remark

            broken
            app:x:1000:1001:app:/srv:/bin/sh
            wrong:x:many:1::/:/bin/sh
            """, "etc/group", """
            root:x:0:
            wheel:x:10:root,app
            app:x:1001:
            more:x:44:other,app
            noapp:x:45:apple
            """);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "''          | 0 | 0 | 0",
                "root        | 0 | 0 | 0",
                "0           | 0 | 0 | 0",
                "0:0         | 0 | 0 | 0",
                "root:wheel  | 0 | 10 | 10",
                "app         | 1000 | 1001 | 1001,10,44",
                "1000        | 1000 | 1001 | 1001,10,44",
                "1000:5      | 1000 | 5 | 5",
                "app:5       | 1000 | 5 | 5",
                "app:more    | 1000 | 44 | 44",
                "7:wheel     | 7 | 10 | 10",
                "12345       | 12345 | 0 | 0",
                "4294967294:1| 4294967294 | 1 | 1"
            })
    void user_is_told_in_numbers(String text, long uid, long gid, String groups) {
        assertThat(ImageUser.of(text, FILES))
                .hasToString("{\"uid\":" + uid + ",\"gid\":" + gid + ",\"additionalGids\":[" + groups + "]}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"stranger", "app:strangers", "stranger:0", "wrong", "broken"})
    void user_who_is_in_none_of_the_files_is_refused_by_name(String text) {
        assertThatThrownBy(() -> ImageUser.of(text, FILES))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("\"" + text + "\"")
                .hasMessageContaining("/etc/");
    }
}
